import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../workspace.mjs';

/** What the tables of docs/ name by paths below packages/: so that no document outlives what it is about. */
const PACKAGES = join(root, 'packages');

/** The source files that a cell of a table names. */
export function pathsIn(cell) {
  return [...cell.matchAll(/`([^`]+\/src\/[^`]+\.ts)`/g)].map(([, path]) => path);
}

/** The tests that a cell names, those of the contract too: `path` "title", or `path` alone for a whole file. */
export function testsIn(cell) {
  const named = cell.matchAll(/`([^`]+\/(?:test|contract)\/[^`]+\.ts)`(?: "([^"]+)")?/g);
  return [...named].map(([, path, title]) => ({ path, title }));
}

export function hasFile(path) {
  return existsSync(join(PACKAGES, path));
}

/** A title stands in its file as the first argument of a test, or of a group of tests. */
export function hasTitle(path, title) {
  if (!hasFile(path)) return false;
  if (title === undefined) return true;
  const source = readFileSync(join(PACKAGES, path), 'utf8').replaceAll("\\'", "'");
  // The code of a violation is a key of the examples.
  if (/^WS_/.test(title)) return new RegExp(`^ {2}${title}: \\[`, 'm').test(source);
  const quoted = `(['"\`])${title.replaceAll(/[^\w\s]/g, '\\$&')}\\1`;
  // A case of the contract is a key of its theme.
  return new RegExp(path.includes('/contract/') ? `^ +${quoted}:` : `\\(\\s*${quoted}`, 'm').test(
    source,
  );
}
