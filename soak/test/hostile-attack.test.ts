import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { acceptWebSockets } from '@heddle/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Attack, attacks } from '../src/hostile/index.ts';

/** A server on which every path is an echo, with the deadlines and the limits that are the default. */
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer();
  acceptWebSockets(server, { origins: '*', compression: true }, (socket) => {
    socket.on('message', (message) => socket.send(message));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

afterAll(() => void server.close());

describe('An attack', () => {
  it.each([
    ['wrong everything', /Expected 404, but the answer was 426/],
    ['10,000 headers', /Expected 101, but the answer was 431/],
    ['handlers that throw', /Expected 500, but the answer was 101/],
    ['handlers that reject', /Expected 500, but the answer was 101/],
    ['send after close', /Expected a close frame, but got a frame of opcode 1.*: hello/],
    ['destroy inside message', /Expected the end, but got a frame of opcode 1.*: hello/],
    ['listeners removed while called', /Expected the text first, but got .*: hello/],
  ])('%s says what a server did instead of what it should', async (name, message) => {
    const played = attackOf(name).play({ port }, AbortSignal.timeout(5_000));
    await expect(played).rejects.toThrow(message);
  });

  it('that is aborted says why, and leaves no socket behind', async () => {
    // This server's patience is ten times as long.
    const abort = new AbortController();
    const played = attackOf('half-open connections').play({ port }, abort.signal);
    const seen = expect(played).rejects.toThrow('enough');
    await sleep(200);
    expect(await connections()).toBeGreaterThan(2);
    abort.abort(new Error('enough'));
    await seen;
    await expect.poll(connections).toBe(0);
    await expect(attackOf('wrong everything').play({ port }, abort.signal)).rejects.toThrow(
      'enough',
    );
  });
});

function attackOf(wanted: string): Attack {
  const attack = attacks.find(({ name }) => name === wanted);
  if (attack === undefined) throw new Error(`There is no ${wanted}`);
  return attack;
}

async function connections(): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
