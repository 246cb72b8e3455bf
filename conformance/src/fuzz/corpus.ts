import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { formatJson } from './json-text.ts';
import type { DifferenceName } from './known-differences.ts';

const corpus = fileURLToPath(new URL('../../corpus/', import.meta.url));

/** A file of the corpus: an input that is worth being tried each time. */
export interface CorpusEntry {
  /** What is interesting about it, or how it failed. */
  readonly note: string;
  /** Where fast-check has found it. */
  readonly seed?: number;
  readonly path?: string;
  /** Which difference to `ws` it shows. */
  readonly difference?: DifferenceName;
  readonly input: unknown;
}

/** The entries of a target, by the names of their files. */
export function readCorpus(target: string): readonly (readonly [name: string, CorpusEntry])[] {
  const folder = `${corpus}${target}`;
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder)
    .sort()
    .map((name) => [name, JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))]);
}

/** Writes an entry, and returns its path below the package. */
export function writeCorpus(target: string, name: string, entry: CorpusEntry): string {
  const file = `${target}/${name}.json`;
  mkdirSync(`${corpus}${target}`, { recursive: true });
  writeFileSync(`${corpus}${file}`, formatJson(entry));
  return `corpus/${file}`;
}
