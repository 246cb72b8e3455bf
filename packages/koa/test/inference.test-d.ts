import type { Server } from 'node:http';
import type { Connection, Sockets } from '@heddle/node';
import Router, { type RouterContext, type RouterMiddleware } from '@koa/router';
import Koa from 'koa';
import Koa2 from 'koa2';
import { expectTypeOf } from 'vitest';
import { z } from 'zod';
import { type PathParameters, type RouteContext, websocket, ws } from '../src/index.ts';

/** What a route's types are, and what must not compile. Nothing here runs: `pnpm run types` reads it. */
interface State {
  readonly user: string;
}

const app = new Koa<State>();
const app2 = new Koa2<State>();
const router = new Router<State>();

// An application of either Koa, whose `listen` keeps its overloads.
expectTypeOf(websocket(app)).toEqualTypeOf<Sockets>();
expectTypeOf(websocket(app2, { heartbeat: false })).toEqualTypeOf<Sockets>();
expectTypeOf(app.listen).toBeCallableWith(0, '127.0.0.1', () => {});
expectTypeOf(app.listen).returns.toEqualTypeOf<Server>();
// @ts-expect-error: messages have a type where they are handled.
websocket(app, { schema: {} });

// Wherever middleware goes, and without a word about the context.
const anywhere = ws((socket, ctx) => {
  expectTypeOf(socket).toEqualTypeOf<Connection>();
  expectTypeOf(ctx).toEqualTypeOf<Koa.Context>();
  socket.send(Buffer.from('bytes'));
  // @ts-expect-error: only text and bytes without a schema.
  socket.send({ text: 'hello' });
});
app.use(anywhere);
app2.use(anywhere);
router.get('/chat/:room', anywhere);
router.get('chat', '/chat/:room', anywhere);
router.get(
  '/chat/:room',
  (_ctx, next) => next(),
  anywhere,
  (ctx) => {
    expectTypeOf(ctx.state.user).toEqualTypeOf<string>();
    ctx.body = ctx.params['room'];
  },
);
const login: RouterMiddleware<State> = (_ctx, next) => next();
const log: Koa.Middleware = (_ctx, next) => next();
router.get('/chat/:room', login, log, anywhere);
router.get('chat', '/chat/:room', login, anywhere);
router.use('/chat', anywhere).all('/all', anywhere);
// @ts-expect-error: there is no such option.
ws(() => {}, { maxPayload: 7 });

// With the parameters of a path and the state that middleware leaves.
router.get(
  '/chat/:room',
  ws((_socket, ctx: RouteContext<'/chat/:room', State>) => {
    expectTypeOf(ctx.params).toEqualTypeOf<{ room: string }>();
    expectTypeOf(ctx.state).toEqualTypeOf<State>();
    expectTypeOf(ctx.get('Cookie')).toEqualTypeOf<string>();
    // @ts-expect-error: there is no such parameter.
    ctx.params.tenant;
  }),
);
// With the router's own context.
router.get(
  '/chat/:room',
  ws((_socket, ctx: RouterContext<State>) => {
    expectTypeOf(ctx.params).toEqualTypeOf<Record<string, string>>();
    expectTypeOf(ctx.state).toEqualTypeOf<State>();
  }),
);

// With schemas; the options' functions get the same socket and context.
router.get(
  '/chat/:room',
  ws(
    async (socket, ctx: RouteContext<'/chat/:room', State>) => {
      expectTypeOf(socket).toEqualTypeOf<Connection<{ text: string }, { from: string }>>();
      for await (const { text } of socket) socket.send({ from: `${ctx.state.user}: ${text}` });
    },
    {
      schema: { message: z.object({ text: z.string() }), reply: z.object({ from: z.string() }) },
      subprotocols: (offered, ctx) => {
        expectTypeOf(ctx.params.room).toEqualTypeOf<string>();
        return offered[0];
      },
      onError: (error, socket, ctx) => {
        expectTypeOf(error).toEqualTypeOf<unknown>();
        expectTypeOf(ctx.state).toEqualTypeOf<State>();
        socket.send({ from: 'us' });
      },
      onInvalidMessage: (error, socket) => {
        expectTypeOf(error.code).toBeString();
        // @ts-expect-error: it must be what the schema says.
        socket.send('what?');
      },
    },
  ),
);

// The parameters of a path; those in braces may be missing.
expectTypeOf<keyof PathParameters<'/'>>().toEqualTypeOf<never>();
expectTypeOf<PathParameters<'/:from-:to.:format'>>().toEqualTypeOf<
  Record<'from' | 'to' | 'format', string>
>();
expectTypeOf<PathParameters<'/:room/files/*path'>>().toEqualTypeOf<
  Record<'room' | 'path', string>
>();
type Optional = PathParameters<'/chat{/:room}/:user'>;
expectTypeOf<Optional['user']>().toEqualTypeOf<string>();
expectTypeOf<Optional['room']>().toEqualTypeOf<string | undefined>();
expectTypeOf<PathParameters<string>>().toEqualTypeOf<Record<string, string>>();
