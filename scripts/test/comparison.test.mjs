import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { casesOf, reasonAgainst } from '../../packages/testing/src/contract/case-table.ts';
import { root } from '../workspace.mjs';
import { hasTitle, testsIn } from './named-tests.mjs';

const document = readFileSync(join(root, 'docs', 'comparison.md'), 'utf8');

/** The columns of ours, and the folder below packages/ that each is about. */
const OURS = {
  '**Fastify**': 'fastify',
  '**Express**': 'express',
  '**Koa**': 'koa',
  '**node**': 'node',
};
const TRANSPORTS = { '': 'http', ' over HTTPS': 'https', ' over HTTP/2': 'http2' };

/** The tables that have columns of ours, row by row: each cell by the name of its column. */
const rows = tablesOf(document)
  .filter(([names]) => names.includes('**node**'))
  .flatMap(([names, _rule, ...cells]) => cells.map((row) => rowOf(names, row)));

const claims = rows.flatMap((row) =>
  Object.entries(OURS).map(([column, folder]) => ({ ...row, folder, claim: row.cells[column] })),
);

describe('docs/comparison.md', () => {
  it('has a row for everything that users expect', () => {
    expect(rows.map(({ expectation }) => expectation)).toEqual(EXPECTATIONS);
  });

  it.each(rows)('$expectation: says something in every column', ({ cells }) => {
    expect(Object.entries(cells).filter(([, cell]) => cell === '')).toEqual([]);
  });

  it.each(rows)('$expectation: has its tests', ({ tests, cases, cells }) => {
    expect(tests.filter(({ path, title }) => !hasTitle(path, title))).toEqual([]);
    expect(cases.filter(({ title, transport }) => !isCase(title, transport))).toEqual([]);
    // Every title and path was understood: nothing in quotes or backquotes is left over.
    const named = [...tests.filter(({ title }) => title !== undefined), ...cases];
    expect(cells.test.match(/"/g) ?? []).toHaveLength(2 * named.length);
    expect(cells.test.match(/`/g) ?? []).toHaveLength(2 * (tests.length + cases.length));
  });

  it.each(claims)('$expectation, $folder: "$claim" is what its tests show', (row) => {
    const [word] = row.claim.split(' ');
    const own = row.tests.some(({ path }) => path.startsWith(`${row.folder}/`));
    const shown = own || (row.cases.length > 0 && row.cases.every((one) => runs(row.folder, one)));
    const byNode = row.tests.some(({ path }) => path.startsWith('node/'));
    if (word === 'yes') expect(shown).toBe(true);
    else if (word === 'node') expect(byNode && row.folder !== 'node').toBe(true);
    else expect({ word, shown }).toEqual({ word: 'no', shown: false });
  });
});

function tablesOf(markdown) {
  const tables = markdown.split(/\n(?!\|)/).map((part) => part.split('\n'));
  return tables
    .map((lines) => lines.filter((line) => line.startsWith('|')))
    .filter((lines) => lines.length > 0)
    .map((lines) =>
      lines.map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
    );
}

function rowOf(names, row) {
  const cells = Object.fromEntries(names.map((name, index) => [name, row[index] ?? '']));
  const named = cells.test.matchAll(/`contract([^`]*)` "([^"]+)"/g);
  const cases = [...named].map(([, over, title]) => ({ title, transport: TRANSPORTS[over] }));
  return { expectation: cells.expectation, cells, tests: testsIn(cells.test), cases };
}

function isCase(title, transport) {
  return themeOf(title, transport) !== undefined;
}

function themeOf(title, transport) {
  const themes = Object.entries(casesOf(transport));
  return themes.find(([, cases]) => Object.hasOwn(cases, title))?.[0];
}

/** Whether the contract of a package has this case, and over this transport. */
function runs(folder, { title, transport }) {
  const theme = themeOf(title, transport);
  const { harness, transports } = contractOf(folder);
  if (theme === undefined || !transports.has(transport)) return false;
  return reasonAgainst({ theme, title }, harnessOf(harness, title), transport) === undefined;
}

/** What the harness of a package says about a case: that it cannot have it, it says by its title. */
function harnessOf(source, title) {
  return {
    ...(source.includes(title) && { cannot: { [title]: 'The harness names it' } }),
    ...(source.includes('plainOverHttp1') && { plainOverHttp1: 'The harness names it' }),
  };
}

/** The sources of a package's contract, and the transports that it runs over. */
function contractOf(folder) {
  const tests = join(root, 'packages', folder, 'test');
  const names = readdirSync(tests).filter((name) => name.startsWith('contract'));
  const read = (name) => readFileSync(join(tests, name), 'utf8').replaceAll("\\'", "'");
  const calls = names.filter((name) => name.endsWith('.test.ts')).map(read);
  const transports = calls
    .flatMap((source) => source.match(/\badapterContract\([^;]*\)/g) ?? [])
    .map((call) => /transport: '(\w+)'/.exec(call)?.[1] ?? 'http');
  return { harness: names.map(read).join('\n'), transports: new Set(transports) };
}

const EXPECTATIONS = [
  'Hooks and middleware run before it is answered',
  'A refusal has status, header fields and body',
  'Header fields and cookies of middleware are in the 101',
  'The session is saved, and its cookie is in the 101',
  'What runs late runs too: `onSend`, after `next()`, `on-headers`',
  'The access log has a line for the 101',
  'A broken socket while a hook decides breaks nothing else',
  'A client that left meanwhile gets no handler',
  'An upgrade to anything but WebSocket is served as a plain request',
  "Other `'upgrade'` listeners keep what is theirs",
  'Prefixes, nested routers and path parameters',
  'A GET and a WebSocket on one path',
  'A plain GET where there is only a WebSocket is answered 426',
  'An upgrade where there is no WebSocket gets a whole response',
  'Path parameters, query and header fields by schema',
  'Path parameters typed by the path or the schema',
  'Options for each route: sizes, subprotocols, origins',
  'The first message waits for an async handler',
  'What an async handler rejects with is reported, and closes that socket',
  'Messages typed and validated by a schema',
  'A dead peer is found, by default',
  'A message is read, and sent, as a stream',
  'A broadcast is framed once, and compressed once',
  'It ends with 1001 and a deadline',
  'Several servers, and HTTPS',
  'HTTP/2 (RFC 8441)',
  'Tests without a port',
  'Rooms and topics, and a broker for several machines',
  'Serves graphql-ws and tRPC as their Fastify helpers expect it',
  'Types come with it, for the current major',
];
