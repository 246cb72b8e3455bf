import type { Connection, WsSocket } from '@heddle/node';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ws } from '../ws.ts';
import { answerByClosing } from './after-handshake.ts';
import { type Upgrade, upgradeOf } from './upgrade.ts';
import { plainUrl, webSocketUrl } from './web-socket-url.ts';

/** A handler of `app.ws`. `next` calls the one behind it, as in Express. */
export type WebsocketRequestHandler<Socket = WsSocket> = (
  ws: Socket,
  req: Request,
  next: NextFunction,
) => unknown;

/** Where an open WebSocket is on its way through the routes of `app.ws`. */
interface Stage {
  readonly upgrade: Upgrade;
  readonly socket: WsSocket;
  readonly request: Request;
  readonly response: Response;
  readonly next: NextFunction;
}

/**
 * The handler of the ordinary route that one of `app.ws` is. The first that an upgrade comes to
 * answers 101; when that has left, the handlers are called, and those of the routes behind it if the
 * last calls `next`.
 */
export function webSocketRoute(handlers: readonly WebsocketRequestHandler[]): RequestHandler {
  const nexts = new WeakMap<object, NextFunction>();
  const accept = ws((connection: Connection, request, response) => {
    const upgrade = upgradeOf(request);
    const next = nexts.get(request);
    if (upgrade === undefined || next === undefined) return;
    request.url = plainUrl(request.url);
    const socket = upgrade.server.add(connection, request);
    return callInTurn(handlers, { upgrade, socket, request, response, next });
  });
  return (request, response, next) => {
    const upgrade = upgradeOf(request);
    const socket = openSocket(request);
    if (upgrade !== undefined && socket !== undefined) {
      request.url = plainUrl(request.url);
      void callInTurn(handlers, { upgrade, socket, request, response, next });
      return;
    }
    nexts.set(request, next);
    accept(request, response, next);
  };
}

function openSocket(request: Request): WsSocket | undefined {
  return Reflect.get(request, 'ws') as WsSocket | undefined;
}

/** Resolves when none of the handlers is going to listen for messages that does not yet. */
function callInTurn(handlers: readonly WebsocketRequestHandler[], stage: Stage): Promise<void> {
  return new Promise((resolve) => {
    const call = (index: number): void => {
      const handler = handlers[index];
      let left = false;
      const next = (error?: unknown): void => {
        if (left) return;
        left = true;
        if (isNothing(error) && index + 1 < handlers.length) call(index + 1);
        else resolve(leave(stage, error));
      };
      const settled = index + 1 === handlers.length ? resolve : () => {};
      callHandler(() => handler?.(stage.socket, stage.request, next)).then(settled, next);
    };
    call(0);
  });
}

/** What a handler throws is a rejection. It is called at once. */
async function callHandler(call: () => unknown): Promise<void> {
  await call();
}

/** Goes on to whatever Express has behind the route: other routes of `app.ws`, or error handlers. */
function leave({ upgrade, socket, request, response, next }: Stage, error: unknown): void {
  upgrade.failed ||= !isNothing(error) && error !== 'route' && error !== 'router';
  // Not while the listeners for the end of the response are called: they are to see its 101.
  setImmediate(() => {
    answerByClosing(response, socket, () => !upgrade.failed && request.next === undefined);
    request.url = webSocketUrl(request.url);
    next(error);
  });
}

/** Express goes on for whatever is falsy. */
function isNothing(error: unknown): boolean {
  return !error;
}
