import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Set by scripts/matrix.mjs, which runs the tests on each Node with the built files. */
const builtFiles = process.env['HEDDLE_MATRIX_NODE'] !== undefined;
const conditions = builtFiles ? [] : ['--conditions=@heddle/source'];
const cwd = fileURLToPath(new URL('..', import.meta.url));

const script = `
  const { inject, websocket, ws } = require('@heddle/koa');
  const Koa = require('koa');
  const app = new Koa();
  const server = require('node:http').createServer(app.callback());
  websocket(app).attach(server);
  app.use(ws((socket) => socket.send('hello')));
  inject(server, '/').then((socket) => socket.on('message', (message) => {
    console.log(message);
    socket.destroy();
  }));
`;

it('CommonJS gets the same from require', async () => {
  const args = [...conditions, '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
  expect(stdout).toBe('hello\n');
});
