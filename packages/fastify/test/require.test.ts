import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as exported from '../src/index.ts';

/** Set by scripts/matrix.mjs, which runs the tests on each Node with the built files. */
const builtFiles = process.env['HEDDLE_MATRIX_NODE'] !== undefined;
const conditions = builtFiles ? [] : ['--conditions=@heddle/source'];
const cwd = fileURLToPath(new URL('..', import.meta.url));

const script = `
  const websocket = require('@heddle/fastify');
  const { websocket: named, withWsSocket, default: byDefault } = websocket;
  const app = require('fastify')();
  app.register(websocket);
  app.register(async (api) => api.ws('/a', (socket) => socket.send('hello')));
  app.ready(() => app.injectWS('/a').then((socket) => socket.on('message', (message) => {
    console.log(JSON.stringify([message, named === websocket, byDefault === websocket, typeof withWsSocket]));
    app.close();
  })));
`;

describe('CommonJS', () => {
  it('gets the plugin from require, and the rest as its properties', async () => {
    const args = [...conditions, '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd });
    expect(JSON.parse(stdout)).toEqual(['hello', true, true, 'function']);
  });

  it('is not forgotten when something is exported: what require returns hides the rest', () => {
    const { default: plugin, 'module.exports': required, ...named } = exported;
    expect(required).toBe(plugin);
    for (const [name, value] of Object.entries(named)) {
      expect(Reflect.get(plugin, name), name).toBe(value);
    }
  });
});
