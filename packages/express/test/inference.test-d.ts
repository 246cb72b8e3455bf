import type { Connection, Sockets } from '@heddle/node';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { expectTypeOf } from 'vitest';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import expressWs, { type WsSocket } from '../src/compat/index.ts';
import { type MountableWebSockets, type WebSocketHandler, websocket, ws } from '../src/index.ts';

/**
 * What a route's types are, and what must not compile. Nothing here runs: `pnpm run types` reads it,
 * with the types of Express 5 and once more with those of Express 4.
 */
const app = express();
const router = express.Router({ mergeParams: true });
const Say = z.object({ text: z.string() });
const At = z.object({ at: z.string().transform((text) => new Date(text)) });

// The parameters of the path.
app.get(
  '/chat/:room',
  ws((socket, request, response) => {
    expectTypeOf(socket).toEqualTypeOf<Connection>();
    expectTypeOf(request.params).toEqualTypeOf<{ room: string }>();
    // @ts-expect-error: no such parameter.
    request.params.nope;
    expectTypeOf(request.query).toEqualTypeOf<Request['query']>();
    expectTypeOf(response.locals).toEqualTypeOf<Response['locals']>();
    socket.send(Buffer.from('bytes'));
    // @ts-expect-error: only text and bytes without a schema.
    socket.send({ text: 'hello' });
  }),
  (request, response) => {
    expectTypeOf(request.params).toEqualTypeOf<{ room: string }>();
    response.send('a page');
  },
);
router.get(
  '/:a/:b',
  (_request, _response, next) => next(),
  ws((_socket, request) => {
    expectTypeOf(request.params.a).toEqualTypeOf<string>();
    expectTypeOf(request.params.b).toEqualTypeOf<string>();
  }),
);
app.route('/chat/:room').get(
  ws((_socket, request) => {
    expectTypeOf(request.params).toEqualTypeOf<{ room: string }>();
  }),
);
app.use(
  '/t/:tenant',
  ws((_socket, request) => {
    expectTypeOf(request.params).toEqualTypeOf<{ tenant: string }>();
  }),
);
app.all(
  '/a',
  ws((_socket, request) => {
    // @ts-expect-error: no such parameter.
    request.params.nope;
  }),
);
app.use(
  ws((_socket, request) => {
    expectTypeOf(request.params).toEqualTypeOf<Request['params']>();
  }),
);
router.get(
  ['/a', '/b/:c'],
  ws((_socket, request) => {
    expectTypeOf(request.params).toEqualTypeOf<Request['params']>();
  }),
);

// The parameters of a router that the path does not tell of, and the locals of the middleware before.
router.get(
  '/:room',
  ws((_socket, request: Request<{ tenant: string; room: string }>) => {
    expectTypeOf(request.params.tenant).toEqualTypeOf<string>();
  }),
);
interface Locals {
  user: { name: string };
}
app.get(
  '/me/:room',
  ws<{ room: string }, Locals>((_socket, request, response) => {
    expectTypeOf(response.locals.user.name).toEqualTypeOf<string>();
    expectTypeOf(request.params.room).toEqualTypeOf<string>();
  }),
);
app.get(
  '/me',
  (_request, response: Response<unknown, Locals>, next) => {
    response.locals.user = { name: 'Ada' };
    next();
  },
  ws((_socket, request, response: Response<unknown, Locals>) => {
    expectTypeOf(response.locals.user.name).toEqualTypeOf<string>();
    expectTypeOf(request.res?.locals.user.name).toEqualTypeOf<string | undefined>();
  }),
);

// Messages, from any Standard Schema or a function.
app.get(
  '/rooms/:room',
  ws(
    async (socket, request) => {
      expectTypeOf(socket).toEqualTypeOf<Connection<{ at: Date }, { text: string }>>();
      for await (const { at } of socket) socket.send({ text: request.params.room + at.getTime() });
      // @ts-expect-error: not any text.
      socket.send('hello');
    },
    {
      schema: { message: At, reply: Say },
      subprotocols: (offered, request) => {
        expectTypeOf(request.params).toEqualTypeOf<{ room: string }>();
        return offered[0];
      },
      onError: (error, socket, request) => {
        expectTypeOf(error).toEqualTypeOf<unknown>();
        expectTypeOf(request.params.room).toEqualTypeOf<string>();
        socket.send({ text: 'sorry' });
      },
      onInvalidMessage: (error, socket) => {
        expectTypeOf(error.code).toBeString();
        // @ts-expect-error: `text` is missing.
        socket.send({});
      },
    },
  ),
);
const half = (value: unknown) =>
  typeof value === 'number' ? { value: value / 2 } : { issues: [{ message: 'no number' }] };
app.get(
  '/half',
  ws((socket) => expectTypeOf(socket).toEqualTypeOf<Connection<number>>(), {
    schema: { message: half },
  }),
);

// A handler on its own.
const echo: WebSocketHandler = async (socket) => {
  for await (const message of socket) socket.send(message);
};
app.get('/echo/:id', ws(echo));
expectTypeOf(ws(echo)).toExtend<RequestHandler>();
// @ts-expect-error: no such option.
ws(echo, { maxPayload: 1 });
// @ts-expect-error: in milliseconds.
ws(echo, { closingTimeoutMs: '5s' });

// Ordinary routes are what they were.
app.get('/a/:b', (request, response) => {
  expectTypeOf(request.params).toEqualTypeOf<{ b: string }>();
  expectTypeOf(request.body).toBeAny();
  response.json({});
});
app.get<{ own: string }>('/a', (request) => {
  expectTypeOf(request.params.own).toEqualTypeOf<string>();
});
app.get('/a/:b', (request: Request<{ b: string }, string, { c: number }>, response) => {
  expectTypeOf(request.body.c).toEqualTypeOf<number>();
  response.send('text');
  // @ts-expect-error: not a string.
  response.send(1);
});
app.get('setting');
app.get(/a/, (_request, response) => response.end());

// The application.
expectTypeOf(
  websocket(app, {
    limits: { maxConnections: 1_000, maxMessageBytes: 2 ** 16 },
    owns: (request) => request.url === '/a',
    onError: (_error, socket, request) => expectTypeOf([socket.state, request.path]).toBeArray(),
  }),
).toEqualTypeOf<Sockets>();
expectTypeOf(websocket({ subprotocols: ['v1'] })).toEqualTypeOf<MountableWebSockets>();
app.use(websocket());
// @ts-expect-error: a route's.
websocket(app, { schema: { message: Say } });

// express-ws.
const compat = expressWs(express());
compat.app.ws('/a', (socket, req, next) => {
  expectTypeOf(socket).toEqualTypeOf<WsSocket>();
  expectTypeOf(req).toEqualTypeOf<Request>();
  socket.on('message', (message) => socket.send(message));
  next();
});
compat.app.ws('/a', (socket: WebSocket) => socket.send('with the types of ws'));
express
  .Router()
  .ws('/a', (socket) => socket.close())
  .get('/a', (_req, res) => res.end());
for (const client of compat.getWss().clients) client.terminate();
export const application: expressWs.Application = compat.app;
expressWs(express(), null, { leaveRouterUntouched: true, wsOptions: { maxPayload: 1 } });
// @ts-expect-error: there is none here.
expressWs(express(), null, { wsOptions: { verifyClient: () => true } });
