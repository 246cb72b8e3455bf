import type { IncomingMessage } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Connection } from '@heddle/node';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import Type from 'typebox';
import { expectTypeOf } from 'vitest';
import { z } from 'zod';
import websocket from '../src/index.ts';

/** What a route's types are, and what must not compile. Nothing here runs: `pnpm run types` reads it. */
const app = Fastify();
const typed = app.withTypeProvider<TypeBoxTypeProvider>();

const Params = Type.Object({ room: Type.Integer() });
const Say = Type.Object({ text: Type.String() });
const Said = Type.Object({ from: Type.String(), text: Type.String() });

// Without schemas.
app.ws('/a', (socket, request) => {
  expectTypeOf(socket).toEqualTypeOf<Connection>();
  expectTypeOf(request.params).toEqualTypeOf<unknown>();
  expectTypeOf(request.ws).toEqualTypeOf<boolean>();
  expectTypeOf(request.raw).toEqualTypeOf<IncomingMessage>();
  socket.send(Buffer.from('bytes'));
  // @ts-expect-error: only text and bytes without a schema.
  socket.send({ text: 'hello' });
});
app.ws('/a', function () {
  expectTypeOf(this).toEqualTypeOf<FastifyInstance>();
});
app.ws('/a', async (socket) => {
  for await (const message of socket) expectTypeOf(message).toEqualTypeOf<string | Buffer>();
});

// TypeBox, through the type provider.
typed.ws(
  '/rooms/:room',
  {
    schema: { params: Params, querystring: Say, message: Say, reply: Said },
    preHandler: async (request) => {
      expectTypeOf(request.params).toEqualTypeOf<{ room: number }>();
    },
    subprotocols: (offered, request) => {
      expectTypeOf(request.params).toEqualTypeOf<{ room: number }>();
      return offered[0];
    },
    onError: (error, socket, request) => {
      expectTypeOf(error).toEqualTypeOf<unknown>();
      expectTypeOf(request.params.room).toEqualTypeOf<number>();
      socket.send({ from: 'us', text: 'sorry' });
    },
    onInvalidMessage: (error, socket) => {
      expectTypeOf(error.code).toBeString();
      // @ts-expect-error: `from` is missing.
      socket.send({ text: 'what?' });
    },
  },
  async (socket, request) => {
    expectTypeOf(socket).toEqualTypeOf<
      Connection<{ text: string }, { from: string; text: string }>
    >();
    expectTypeOf(request.params.room).toEqualTypeOf<number>();
    expectTypeOf(request.query).toEqualTypeOf<{ text: string }>();
    for await (const { text } of socket) socket.send({ from: 'somebody', text });
    // @ts-expect-error: `from` is missing.
    socket.send({ text: 'hello' });
    // @ts-expect-error: not any text.
    socket.send('hello');
    // @ts-expect-error: no such parameter.
    request.params.chat;
  },
);
typed.register(async (api) => {
  api
    .withTypeProvider<TypeBoxTypeProvider>()
    .ws('/inner', { schema: { message: Say } }, (socket) => {
      expectTypeOf(socket).toEqualTypeOf<Connection<{ text: string }>>();
    });
});

// zod, and any other Standard Schema, without a type provider.
const At = z.object({ at: z.string().transform((text) => new Date(text)) });
app.ws('/a', { schema: { message: At, reply: At } }, (socket) => {
  // What is received has been transformed, what is sent has not.
  expectTypeOf(socket).toEqualTypeOf<Connection<{ at: Date }, { at: string }>>();
});
typed.ws('/a', { schema: { params: Params, message: At } }, (socket, request) => {
  expectTypeOf(socket).toEqualTypeOf<Connection<{ at: Date }>>();
  expectTypeOf(request.params.room).toEqualTypeOf<number>();
});

// A function as a schema.
const half = (value: unknown) =>
  typeof value === 'number' ? { value: value / 2 } : { issues: [{ message: 'no number' }] };
app.ws('/a', { schema: { message: half } }, (socket) => {
  expectTypeOf(socket).toEqualTypeOf<Connection<number>>();
});

// JSON Schema, of which nobody knows the types: any, in the sense that Fastify gives it.
app.ws('/a', { schema: { message: { type: 'string' }, reply: { type: 'number' } } }, (socket) => {
  expectTypeOf(socket).toEqualTypeOf<Connection<unknown, unknown>>();
});

// Types that are named.
interface Chat {
  Params: { room: string };
  Message: { text: string };
  Reply: { from: string };
}
app.ws<Chat>(
  '/rooms/:room',
  { onError: (_error, socket) => socket.send({ from: 'us' }) },
  (socket, request) => {
    expectTypeOf(socket).toEqualTypeOf<Connection<{ text: string }, { from: string }>>();
    expectTypeOf(request.params.room).toEqualTypeOf<string>();
  },
);
app.ws<Pick<Chat, 'Message'>>('/a', (socket) => {
  expectTypeOf(socket).toEqualTypeOf<Connection<{ text: string }>>();
});

// The conventions of @fastify/websocket.
app.get('/a', { websocket: true }, (socket, request) => {
  expectTypeOf(socket).toEqualTypeOf<Connection>();
  expectTypeOf(request).toExtend<FastifyRequest>();
});
app.get<Chat>('/a', { websocket: true, subprotocols: ['v1'] }, (socket, request) => {
  expectTypeOf(socket).toEqualTypeOf<Connection<{ text: string }, { from: string }>>();
  expectTypeOf(request.params.room).toEqualTypeOf<string>();
});
typed.get(
  '/a',
  { websocket: true, schema: { params: Params, message: Say } },
  (socket, request) => {
    expectTypeOf(socket).toEqualTypeOf<Connection<{ text: string }>>();
    expectTypeOf(request.params.room).toEqualTypeOf<number>();
  },
);
typed.route({
  method: 'GET',
  url: '/a',
  websocket: true,
  schema: { message: Say },
  handler: (socket) => {
    expectTypeOf(socket).toEqualTypeOf<Connection<{ text: string }>>();
  },
});
typed.route({
  method: 'GET',
  url: '/a',
  schema: { params: Params, message: Say, reply: Said },
  limits: { maxMessageBytes: 1024 },
  handler: async (request) => {
    expectTypeOf(request.params.room).toEqualTypeOf<number>();
    return 'a page';
  },
  wsHandler: (socket, request) => {
    expectTypeOf(request.params.room).toEqualTypeOf<number>();
    expectTypeOf(socket).toEqualTypeOf<
      Connection<{ text: string }, { from: string; text: string }>
    >();
  },
});

// Ordinary routes are what they were.
typed.get('/a', { schema: { params: Params } }, async (request, reply) => {
  expectTypeOf(request.params.room).toEqualTypeOf<number>();
  return reply.code(200).send('a page');
});
app.get('/a', async (request) => request.url);
app.post('/a', (_request, reply) => reply.send());

// Options that are wrong.
// @ts-expect-error: no such option.
app.ws('/a', { maxPayload: 1 }, () => {});
// @ts-expect-error: in milliseconds.
app.ws('/a', { closingTimeoutMs: '5s' }, () => {});
// @ts-expect-error: options of ws.
app.register(websocket, { options: { maxPayload: 1 } });
app.register(websocket, {
  limits: { maxMessageBytes: 2 ** 16, maxConnections: 1_000 },
  onError: (error, socket, request) => {
    request.log.error({ err: error, state: socket.state });
  },
});

// The rest of what the plugin adds.
expectTypeOf(app.injectWS('/a')).resolves.toEqualTypeOf<Connection>();
expectTypeOf(app.injectWS<number, string>('/a')).resolves.toEqualTypeOf<
  Connection<number, string>
>();
for (const client of app.websocketServer.clients) client.close(1001);
