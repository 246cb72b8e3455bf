import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../workspace.mjs';
import { hasFile, hasTitle, pathsIn, testsIn } from './named-tests.mjs';

/** The rows of a document by what their columns are. */
function rowsOf(document) {
  return readFileSync(join(root, 'docs', document), 'utf8')
    .split('\n')
    .filter((line) => /^\| \d/.test(line))
    .map((line) => {
      const [, section, rule, files, tests, note] = line.split('|').map((cell) => cell.trim());
      return { section, rule, files: pathsIn(files), tests: testsIn(tests), note, line };
    });
}

const SECTIONS_OF_6455 = [
  ...['1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '1.7', '1.8', '1.9', '2', '2.1', '3', '4.1'],
  ...['4.2.1', '4.2.2', '4.3', '4.4', '5.1', '5.2', '5.3', '5.4', '5.5', '5.5.1', '5.5.2'],
  ...['5.5.3', '5.6', '5.7', '5.8', '6.1', '6.2', '7.1.1', '7.1.2', '7.1.3', '7.1.4', '7.1.5'],
  ...['7.1.6', '7.1.7', '7.2.1', '7.2.2', '7.2.3', '7.3', '7.4', '7.4.1', '7.4.2', '8.1', '9'],
  ...['9.1', '9.2', '10.1', '10.2', '10.3', '10.4', '10.5', '10.6', '10.7', '10.8', '11.1'],
  ...['11.2', '11.3.1', '11.3.2', '11.3.3', '11.3.4', '11.3.5', '11.4', '11.5', '11.6', '11.7'],
  ...['11.8', '11.9'],
];
const SECTIONS_OF_8441 = ['1', '2', '3', '4', '5', '5.1', '6', '7', '8', '9'];
const SECTIONS_OF_7692 = [
  ...['1', '2', '3', '4', '5', '6', '6.1', '6.2', '7', '7.1', '7.1.1.1', '7.1.1.2', '7.1.2.1'],
  ...['7.1.2.2', '7.1.3', '7.2.1', '7.2.2', '7.2.3.1', '7.2.3.2', '7.2.3.3', '7.2.3.4'],
  ...['7.2.3.5', '7.2.3.6', '8', '9', '10'],
];

describe.each([
  { document: 'rfc-6455.md', sections: SECTIONS_OF_6455 },
  { document: 'rfc-8441.md', sections: SECTIONS_OF_8441 },
  { document: 'rfc-7692.md', sections: SECTIONS_OF_7692 },
])('docs/$document', ({ document, sections }) => {
  const rows = rowsOf(document);

  it('has a row for each section', () => {
    const found = new Set(rows.map(({ section }) => section));
    expect(sections.filter((section) => !found.has(section))).toEqual([]);
  });

  it.each(rows)('§$section, $rule: has its files', ({ files }) => {
    expect(files.filter((path) => !hasFile(path))).toEqual([]);
  });

  it.each(rows)('§$section, $rule: has its tests', ({ tests }) => {
    expect(tests.filter(({ path, title }) => !hasTitle(path, title))).toEqual([]);
  });

  it.each(rows)('§$section, $rule: names all that it has to', ({ line, files, tests, note }) => {
    // Every title and path was understood: nothing in quotes or backquotes is left over.
    expect(line.match(/\.ts`/g) ?? []).toHaveLength(files.length + tests.length);
    expect(line.match(/"/g) ?? []).toHaveLength(2 * tests.filter(({ title }) => title).length);
    // Where there is no file, the note says why.
    expect(files.length > 0 || note !== '').toBe(true);
    if (files.some((path) => path.startsWith('core/'))) {
      expect(tests.length > 0 || note !== '').toBe(true);
    }
  });
});
