import { getEventListeners, once } from 'node:events';
import { constants } from 'node:http2';
import { connect as connectTcp, createServer as createTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { portOf } from '@heddle/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { echo, StreamServer } from '../stream-server.ts';
import { TimerWatch } from '../timers.ts';
import { until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** A server that takes connections and says nothing. */
async function silent(): Promise<{ port: number; transports: Socket[] }> {
  const transports: Socket[] = [];
  const server = createTcp((transport) => {
    transport.on('error', () => {}).resume();
    transports.push(transport);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const transport of transports) transport.destroy();
  });
  return { port: portOf(server), transports };
}

/** How far a handshake comes before it is given up. */
const stages: [
  string,
  () => Promise<{ url: string; reached: () => boolean; gone: () => boolean }>,
][] = [
  [
    'while createConnection is at work',
    async () => ({ url: 'ws://h/', reached: () => true, gone: () => true }),
  ],
  [
    'while TLS is set up',
    async () => {
      const { port, transports } = await silent();
      return {
        url: `wss://127.0.0.1:${port}/`,
        reached: () => transports.length === 1,
        gone: () => transports.every(({ destroyed }) => destroyed),
      };
    },
  ],
  [
    'before the SETTINGS',
    async () => {
      const { port, transports } = await silent();
      return {
        url: `ws://127.0.0.1:${port}/`,
        reached: () => transports.length === 1,
        gone: () => transports.every(({ destroyed }) => destroyed),
      };
    },
  ],
  [
    'before the answer',
    async () => {
      const server = await StreamServer.start((stream) => stream.resume());
      return {
        url: server.url,
        reached: () => server.streams.length === 1,
        gone: () => server.open === 0 && server.streams[0]?.rstCode === constants.NGHTTP2_CANCEL,
      };
    },
  ],
  [
    'after HTTP/2 has failed',
    async () => {
      const transports: Socket[] = [];
      const server = createTcp((transport) => {
        transports.push(transport.on('error', () => {}));
        if (transports.length === 1) transport.end('HTTP/1.1 400 Bad Request\r\n\r\n');
        transport.resume();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      onTestFinished(() => {
        server.close();
      });
      return {
        url: `ws://127.0.0.1:${portOf(server)}/`,
        reached: () => transports.length === 2,
        gone: () => transports.every(({ destroyed }) => destroyed),
      };
    },
  ],
];

describe.each(stages)('a handshake that is given up %s', (stage, start) => {
  const waiting = stage.startsWith('while createConnection')
    ? { createConnection: () => new Promise<Duplex>(() => {}) }
    : {};

  it('by the signal, with its reason', async () => {
    const { url, reached, gone } = await start();
    const timers = new TimerWatch();
    const abort = new AbortController();
    const handshakeTimeoutMs = 9_876;
    const options = { http: 2, signal: abort.signal, handshakeTimeoutMs, ...waiting } as const;
    const pending = connect(url, options);
    await until(reached, stage);
    const reason = new Error('the user went away');
    abort.abort(reason);
    await expect(pending).rejects.toBe(reason);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    expect(timers.of(handshakeTimeoutMs)).toEqual(['cleared']);
    await until(gone, 'the end of everything');
  });

  it('by the deadline', async () => {
    const { url, gone } = await start();
    const pending = connect(url, { http: 2, handshakeTimeoutMs: 150, ...waiting });
    await expect(pending).rejects.toMatchObject({
      name: 'TimeoutError',
      message: expect.stringContaining('150 ms'),
    });
    await until(gone, 'the end of everything');
  });
});

describe('a handshake that is given up', () => {
  it('leaves a session that others wait for, too', async () => {
    const server = await StreamServer.start(echo);
    const abort = new AbortController();
    const createConnection = async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return connectTcp(server.port, '127.0.0.1');
    };
    const given = connect('ws://h/', { http: 2, createConnection, signal: abort.signal });
    const kept = connect('ws://h/', { http: 2, createConnection });
    abort.abort('never mind');
    await expect(given).rejects.toBe('never mind');
    const socket = await kept;
    expect(server.streams).toHaveLength(1);
    await socket.close();
    await expect.poll(() => server.open).toBe(0);
  });

  it('leaves a session that has open sockets', async () => {
    const server = await StreamServer.start((stream) => {
      if (server.streams.length === 1) echo(stream);
      else stream.resume();
    });
    const socket = await connect(server.url, { http: 2 });
    await expect(connect(server.url, { http: 2, handshakeTimeoutMs: 50 })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    socket.send('still there');
    expect(await once(socket, 'message')).toEqual(['still there']);
    await socket.close();
  });

  it('destroys a stream that createConnection makes too late', async () => {
    const late = new Duplex({ read() {}, write() {} });
    const createConnection = async () => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return late;
    };
    const pending = connect('ws://h/', { http: 2, handshakeTimeoutMs: 20, createConnection });
    await expect(pending).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect.poll(() => late.destroyed).toBe(true);
  });
});
