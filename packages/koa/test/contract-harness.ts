import {
  type ContractAnswer,
  type ContractApp,
  type ContractHarness,
  type ContractRoute,
  listen,
  stopListening,
} from '@heddle/testing/contract';
import Router from '@koa/router';
import type Koa from 'koa';
import helmet from 'koa-helmet';
import ratelimit from 'koa-ratelimit';
import session from 'koa-session';
import { websocket, ws } from '../src/index.ts';
import { SessionStore } from './session-store.ts';

/** The contract's applications as a user of Koa would write them, for a copy of Koa. */
export function harnessFor(Application: typeof Koa): ContractHarness {
  return {
    async start(app) {
      const koa = new Application();
      koa.silent = true;
      const sockets = websocket(koa, { ...app.options, onError: app.onError });
      useMiddleware(koa, app);
      for (const route of app.routes) declare(koa, route);
      const servers = await listen(app, koa.callback());
      for (const server of servers) sockets.attach(server);
      return {
        servers,
        async close() {
          await sockets.close({ timeoutMs: app.closeTimeoutMs });
          await stopListening(servers);
        },
      };
    },
  };
}

function useMiddleware(koa: Koa, app: ContractApp): void {
  const { answerError, onResponse, rateLimit, responseHeaders } = app;
  koa.use(async (ctx, next) => {
    ctx.res.once('finish', () => onResponse(ctx.status));
    await next();
    ctx.set(responseHeaders);
  });
  if (app.helmet) koa.use(helmet());
  if (rateLimit !== undefined) {
    koa.use(ratelimit({ driver: 'memory', db: new Map(), max: rateLimit, duration: 60_000 }));
  }
  if (app.session) {
    koa.keys = ['secret'];
    // Unsigned, as the contract's clients keep one cookie and not the signature beside it.
    koa.use(session({ store: new SessionStore(), signed: false }, koa));
  }
  if (answerError !== undefined) {
    koa.use(async (ctx, next) => {
      try {
        await next();
      } catch (error) {
        answer(ctx, answerError(error));
      }
    });
  }
}

/** Each route in a router of its own, behind the middleware that is the route's. */
function declare(koa: Koa, { prefix, path, before, get, ws: handler, options }: ContractRoute) {
  const router = new Router({ prefix });
  router.get(path, async (ctx, next) => {
    const { headers = {}, refuse } = await before(ctx);
    ctx.set(headers);
    if (refuse !== undefined) return answer(ctx, refuse);
    await next();
  });
  if (handler !== undefined) router.get(path, ws(handler, options));
  if (get !== undefined) {
    router.get(path, (ctx) => {
      ctx.body = get(ctx);
    });
  }
  koa.use(router.routes()).use(router.allowedMethods());
}

function answer(ctx: Koa.Context, { status, headers, body }: ContractAnswer): void {
  ctx.status = status;
  ctx.set(headers);
  ctx.body = body;
}
