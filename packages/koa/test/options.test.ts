import { UsageError } from '@heddle/node';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { websocket, ws } from '../src/index.ts';
import { nextMessage, Running, silent } from './app.ts';
import { koas } from './koas.ts';

describe.each(koas)('Options: %s', (_name, Application) => {
  it('are checked where they are written', () => {
    for (const options of [{ onError: 'log' }, { maxPayload: 7 }, { limits: { maxBytes: 1 } }]) {
      expect(() => ws(() => {}, options as object)).toThrow(UsageError);
      expect(() => websocket(new Application(), options as object)).toThrow(UsageError);
    }
    expect(() => ws({} as () => void)).toThrow(/handler/);
  });

  it("are the route's, over the application's", async () => {
    const app = new Application();
    const small = ws((socket) => void socket.on('message', (message) => socket.send(message)));
    const large = ws((socket) => void socket.on('message', (message) => socket.send(message)), {
      limits: { maxMessageBytes: 20 },
      subprotocols: ['v2'],
    });
    app.use((ctx, next) => (ctx.path === '/large' ? large(ctx, next) : small(ctx, next)));
    const running = await Running.start(app, {
      limits: { maxMessageBytes: 10 },
      subprotocols: ['v1'],
    });
    const subprotocols = ['v1', 'v2'];
    const first = await running.connect('/', { subprotocols });
    expect(first.subprotocol).toBe('v1');
    first.send('x'.repeat(11));
    expect(await first.closed).toMatchObject({ code: 1009 });
    const second = await running.connect('/large', { subprotocols });
    expect(second.subprotocol).toBe('v2');
    second.send('x'.repeat(20));
    expect(await nextMessage(second)).toBe('x'.repeat(20));
    second.destroy();
  });

  it('choose a subprotocol by what middleware has found out', async () => {
    const app = new Application();
    app.use(async (ctx, next) => {
      ctx.state = { role: 'admin' };
      await next();
    });
    app.use(
      ws(() => {}, {
        subprotocols: (offered, ctx) => offered.find((name) => name.startsWith(ctx.state['role'])),
      }),
    );
    const socket = await (await Running.start(app)).connect('/', {
      subprotocols: ['user.v1', 'admin.v1'],
    });
    expect(socket.subprotocol).toBe('admin.v1');
    socket.destroy();
  });

  it('answer 500 where a subprotocol is chosen that nobody offered', async () => {
    const app = silent(Application);
    app.use(ws(() => {}, { subprotocols: () => 'made-up' }));
    expect(await (await Running.start(app)).refusal('/')).toMatchObject({ status: 500 });
  });

  it('type and check messages', async () => {
    const app = new Application();
    const refused: unknown[] = [];
    app.use(
      ws(
        (socket) => void socket.on('message', ({ text }) => socket.send({ length: text.length })),
        {
          schema: {
            message: z.object({ text: z.string() }),
            reply: z.object({ length: z.number() }),
          },
          onInvalidMessage: (error, socket, ctx) => {
            refused.push([error.code, ctx.path]);
            socket.send({ length: -1 });
          },
        },
      ),
    );
    const socket = await (await Running.start(app)).connect('/room');
    socket.send('{"text":"hello"}');
    expect(await nextMessage(socket)).toBe('{"length":5}');
    socket.send('{"text":5}');
    expect(await nextMessage(socket)).toBe('{"length":-1}');
    expect(refused).toEqual([['WS_INVALID_MESSAGE', '/room']]);
    socket.destroy();
  });
});
