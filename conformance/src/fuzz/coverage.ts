import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

/** What of a file was run. */
export interface FileCoverage {
  /** Below `packages/core/src`. */
  readonly file: string;
  readonly coveredLines: number;
  readonly lines: number;
  /** The first few lines that were not run, by their numbers. */
  readonly missed: readonly number[];
}

const CORE = '/packages/core/src/';

/** A line that says nothing: white space, a comment, or only what ends a block. */
const SILENT = /^\s*(?:$|\/\/|\/\*|\*|[\])};,]+$)/;

/** The octets of a source that were run: types are erased by white space, so V8's offsets are the file's. */
interface SourceCoverage {
  readonly source: string;
  readonly run: Uint8Array;
}

/** V8's own count of what is run of `@heddle/core`, from before it is loaded on. */
export class Coverage {
  readonly #session = new Session();
  readonly #sources = new Map<string, SourceCoverage>();

  private constructor() {
    this.#session.connect();
  }

  static async start(): Promise<Coverage> {
    const coverage = new Coverage();
    await coverage.#session.post('Profiler.enable');
    await coverage.#session.post('Profiler.startPreciseCoverage', {
      callCount: true,
      detailed: true,
    });
    return coverage;
  }

  stop(): void {
    this.#session.disconnect();
  }

  /** Adds what was run since it was last called. Returns whether there is anything new in it. */
  async take(): Promise<boolean> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    let grown = false;
    for (const { url, functions } of result) {
      if (!url.includes(CORE)) continue;
      const { run } = this.#sourceOf(url);
      const now = new Uint8Array(run.length);
      // Of a function the ranges come from the outermost to the innermost.
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          now.fill(count > 0 ? 1 : 0, startOffset, endOffset);
        }
      }
      for (let offset = 0; offset < run.length; offset++) {
        if (now[offset] === 0 || run[offset] === 1) continue;
        run[offset] = 1;
        grown = true;
      }
    }
    return grown;
  }

  /** What was run until `take` was last called, file by file. */
  report(): readonly FileCoverage[] {
    return [...this.#sources].map(([url, source]) => fileCoverage(url, source)).sort(byFile);
  }

  #sourceOf(url: string): SourceCoverage {
    let found = this.#sources.get(url);
    if (found === undefined) {
      const source = readFileSync(fileURLToPath(url), 'utf8');
      found = { source, run: new Uint8Array(source.length) };
      this.#sources.set(url, found);
    }
    return found;
  }
}

function fileCoverage(url: string, { source, run }: SourceCoverage): FileCoverage {
  const missed: number[] = [];
  let lines = 0;
  let offset = 0;
  for (const [index, line] of source.split('\n').entries()) {
    if (!SILENT.test(line)) {
      lines++;
      const start = offset + line.length - line.trimStart().length;
      if (run.subarray(start, offset + line.trimEnd().length).includes(0)) missed.push(index + 1);
    }
    offset += line.length + 1;
  }
  return {
    file: url.slice(url.indexOf(CORE) + CORE.length),
    lines,
    coveredLines: lines - missed.length,
    missed: missed.slice(0, 12),
  };
}

function byFile(one: FileCoverage, other: FileCoverage): number {
  return one.file < other.file ? -1 : 1;
}
