import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Set by scripts/matrix.mjs, which runs the tests on each Node with the built files. */
const builtFiles = process.env['HEDDLE_MATRIX_NODE'] !== undefined;
const conditions = builtFiles ? [] : ['--conditions=@heddle/source'];
const cwd = fileURLToPath(new URL('..', import.meta.url));

/** Prints the first message of the server's `/a`. */
const printMessage = `
  const server = app.listen(0, '127.0.0.1', async () => {
    const socket = await inject(server, '/a');
    socket.on('message', (message) => {
      console.log(message);
      socket.destroy();
      server.close();
    });
  });
`;

describe('CommonJS', () => {
  it('gets websocket and ws from require', async () => {
    expect(
      await run(`
        const { inject, websocket, ws } = require('@heddle/express');
        const app = require('express')();
        websocket(app);
        app.get('/a', ws((socket) => socket.send('hello')));
        ${printMessage}
      `),
    ).toBe('hello\n');
  });

  it('gets what it knows from express-ws, on the Router too', async () => {
    expect(
      await run(`
        const { inject } = require('@heddle/express');
        const express = require('express');
        const app = express();
        const expressWs = require('@heddle/express/compat')(app);
        const router = express.Router();
        router.ws('/a', function (ws, req) {
          ws.send(String(expressWs.app === app));
        });
        app.use(router);
        ${printMessage}
      `),
    ).toBe('true\n');
  });
});

async function run(script: string): Promise<string> {
  const args = [...conditions, '--eval', script];
  return (await promisify(execFile)(process.execPath, args, { cwd })).stdout;
}
