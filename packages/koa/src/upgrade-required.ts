import { upgradeRequired } from '@heddle/node';
import type Koa from 'koa';
import type { UpgradeContext } from './upgrade-context.ts';

/**
 * Gives a plain request to the middleware behind a WebSocket. A GET that nobody answers there is
 * answered 426.
 */
export async function requireUpgrade(ctx: UpgradeContext, next: Koa.Next): Promise<void> {
  const asksForPage = ctx.method === 'GET' || ctx.method === 'HEAD';
  if (!asksForPage || ctx.status !== 404) return next();
  // Koa's 404 for what nobody answers could not be told from one that somebody meant. Set on Node's
  // response, to which any body and any status of Koa's go before.
  ctx.res.statusCode = 426;
  await next();
  if (ctx.res.statusCode !== 426 || ctx.respond === false) return;
  const { status, headers, message } = upgradeRequired(ctx.req);
  ctx.status = status;
  ctx.set(headers);
  ctx.body ??= message;
}
