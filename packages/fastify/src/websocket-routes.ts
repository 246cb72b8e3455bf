import { UsageError } from '@heddle/node';
import type { FastifyInstance, onRouteHookHandler } from 'fastify';
import { pickChoices } from './choices.ts';
import { refuseOnError, type Upgrades, upgradeHandler } from './upgrade-handler.ts';
import { forUpgrades } from './websocket-constraint.ts';
import type { WebSocketHandler } from './websocket-route.ts';

/** A route as the `onRoute` hook gets it: Fastify declares what the hook leaves in it. */
type HookedRoute = Parameters<onRouteHookHandler>[0];

/**
 * The `onRoute` hook that makes an ordinary GET route of each WebSocket route. It matches upgrades
 * only, and so stands beside a plain GET on the same path.
 */
export function translateRoutes(upgrades: Upgrades): onRouteHookHandler {
  return function (route) {
    if (route.wsHandler !== undefined) declareBeside(upgrades, this, route, route.wsHandler);
    else if (route.websocket === true) translate(upgrades, this, route);
  };
}

/** `app.ws` and `{ websocket: true }`: `handler` is the WebSocket's. */
function translate(upgrades: Upgrades, instance: FastifyInstance, route: HookedRoute): void {
  route.constraints = forUpgrades(route.constraints);
  // Fastify adds one to each GET. Nobody can reach it now: no upgrade is a HEAD.
  if (isHead(route)) return;
  assertGet(route);
  const handler = route.handler as object as WebSocketHandler;
  route.handler = upgradeHandler(upgrades, {
    instance,
    route,
    choices: pickChoices(route),
    handler,
  });
  // What was there is no hook of Fastify's.
  route.onError = refuseOnError;
  route.schema = hidden(route);
}

/** `wsHandler`: `handler` stays what serves plain GETs, and `onError` stays Fastify's hook. */
function declareBeside(
  upgrades: Upgrades,
  instance: FastifyInstance,
  route: HookedRoute,
  handler: WebSocketHandler,
): void {
  if (isHead(route)) return;
  assertGet(route);
  if (typeof handler !== 'function') {
    throw new UsageError('WS_INVALID_ROUTE', `wsHandler must be a function: ${route.url}`);
  }
  const { onError: _hook, ...choices } = pickChoices(route);
  const { wsHandler: _handler, ...options } = route;
  // `url` has the prefix here already. At the root of a prefix `routePath` is empty, whether or not
  // a second route with the slash is to follow: Fastify decides that again.
  const url = route.routePath === '' ? '/' : route.routePath;
  const beside = Object.assign(options, {
    method: 'GET',
    url,
    path: url,
    handler: upgradeHandler(upgrades, { instance, route, choices, handler }),
    constraints: forUpgrades(route.constraints),
    exposeHeadRoute: false,
    onError: [refuseOnError, route.onError ?? []].flat(),
    schema: hidden(route),
  });
  instance.route(beside);
}

/** The route's schema; @fastify/swagger leaves the route out, as OpenAPI has no word for it. */
function hidden({ schema }: HookedRoute): NonNullable<HookedRoute['schema']> {
  return Object.assign({ hide: true }, schema);
}

function isHead({ method }: HookedRoute): boolean {
  return [method].flat().every((one) => one === 'HEAD');
}

function assertGet({ method, url }: HookedRoute): void {
  if ([method].flat().every((one) => one === 'GET' || one === 'HEAD')) return;
  throw new UsageError('WS_INVALID_ROUTE', `the method of a WebSocket route must be GET: ${url}`);
}
