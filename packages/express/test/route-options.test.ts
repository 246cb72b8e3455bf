import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { websocket, ws } from '../src/index.ts';
import { copies } from './express-copies.ts';
import { listen, nextMessage, open } from './running.ts';

describe('ws(handler, options)', () => {
  it('refuses a wrong option where it is declared, by its name', () => {
    const handler = () => {};
    // @ts-expect-error: an option of ws.
    expect(() => ws(handler, { maxPayload: 1 })).toThrow(/maxPayload is unknown/);
    expect(() => ws(handler, { closingTimeoutMs: -1 })).toThrow(/closingTimeoutMs/);
    // @ts-expect-error: no function.
    expect(() => ws(handler, { onInvalidMessage: 1 })).toThrow(/onInvalidMessage/);
    // @ts-expect-error: no function.
    expect(() => ws(undefined)).toThrow(expect.objectContaining({ code: 'WS_INVALID_ROUTE' }));
  });
});

describe.each(copies)('the options of %s', (_name, express) => {
  it('are those of the route, over those of the application', async () => {
    const app = express();
    websocket(app, { limits: { maxMessageBytes: 10 }, subprotocols: ['app'] });
    app.get(
      '/app',
      ws(() => {}),
    );
    app.get(
      '/route',
      ws(() => {}, { limits: { maxMessageBytes: 20 }, subprotocols: ['route'] }),
    );
    const host = await listen(app);
    const subprotocols = ['app', 'route'];
    const ofApp = await open(host, '/app', { subprotocols });
    const ofRoute = await open(host, '/route', { subprotocols });
    expect([ofApp.subprotocol, ofRoute.subprotocol]).toEqual(['app', 'route']);
    ofApp.send('x'.repeat(11));
    expect(await ofApp.closed).toMatchObject({ code: 1009 });
    ofRoute.send('x'.repeat(21));
    expect(await ofRoute.closed).toMatchObject({ code: 1009 });
  });

  it("give their functions Express' request", async () => {
    const app = express();
    const errors: unknown[] = [];
    websocket(app, {
      subprotocols: (offered, request) =>
        offered.find((name) => name === request.get('X-Protocol')),
      onError: (error, _socket, request) => errors.push([error, request.path, request.query]),
    });
    const failure = new Error('no such room');
    app.get(
      '/a',
      ws(async () => {
        throw failure;
      }),
    );
    const host = await listen(app);
    const headers = { 'X-Protocol': 'two' };
    const client = await open(host, '/a?b=c', { subprotocols: ['one', 'two'], headers });
    expect(client.subprotocol).toBe('two');
    expect(await client.closed).toMatchObject({ code: 1011 });
    expect(errors).toEqual([[failure, '/a', expect.objectContaining({ b: 'c' })]]);
  });

  it('make an error that nobody takes a process warning', async () => {
    const app = express();
    websocket(app);
    app.get(
      '/a',
      ws(() => {
        throw new Error('nobody takes it');
      }),
    );
    const warned = once(process, 'warning');
    await (await open(await listen(app), '/a')).closed;
    expect(await warned).toMatchObject([{ message: 'nobody takes it' }]);
  });

  it('have messages parsed and validated, and replies', async () => {
    const app = express();
    websocket(app);
    const message = z.object({ at: z.string().transform((text) => new Date(text)) });
    const invalid = vi.fn();
    app.get(
      '/chat/:room',
      ws(
        async (socket, request) => {
          for await (const { at } of socket) {
            socket.send({ room: request.params.room, year: at.getUTCFullYear() });
          }
        },
        {
          schema: { message, reply: z.object({ room: z.string(), year: z.number() }) },
          onInvalidMessage: (error, socket, request) => {
            invalid(error.code, request.params.room);
            socket.send({ room: 'none', year: 0 });
          },
        },
      ),
    );
    const client = await open(await listen(app), '/chat/7');
    client.send(JSON.stringify({ at: '2024-05-06' }));
    expect(await nextMessage(client)).toBe('{"room":"7","year":2024}');
    client.send('[]');
    expect(await nextMessage(client)).toBe('{"room":"none","year":0}');
    expect(invalid.mock.calls).toEqual([['WS_INVALID_MESSAGE', '7']]);
  });
});
