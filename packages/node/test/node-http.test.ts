import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { http } from '../src/node-http.ts';

/** What is tested: the built files in the matrix, the sources elsewhere. */
const built = process.env['HEDDLE_MATRIX_NODE'] !== undefined;
const entry = new URL(built ? '../dist/index.js' : '../src/index.ts', import.meta.url).href;

/** Whether Node has loaded its own WebSocket client, which is undici's, once `statement` has run. */
function loadsClient(statement: string): boolean {
  const loaded = 'process.moduleLoadList.some((each) => each.includes("deps/undici"))';
  const script = `${statement}; console.log(${loaded})`;
  const sources = built ? [] : ['--conditions=@heddle/source'];
  const args = [...sources, '--input-type=module', '--eval', script];
  return execFileSync(process.execPath, args, { encoding: 'utf8' }).trim() === 'true';
}

it('is the module itself', () => {
  expect(http.createServer).toBe(createServer);
});

it('does not have Node load its own WebSocket client, as an import of node:http does', () => {
  expect(loadsClient(`await import(${JSON.stringify(entry)})`)).toBe(false);
  // If Node stops doing that, `node-http.ts` has no purpose any more.
  const hasClient = 'WebSocket' in http;
  expect(loadsClient('await import("node:http")')).toBe(hasClient);
});
