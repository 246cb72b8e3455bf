import type { Server } from 'node:http';
import type { Application, NextFunction, Request, Router } from 'express';
import originalExpressWs from 'express-ws';
import { expressWsFor } from '../../src/compat/express-ws.ts';
import { copies, type ExpressCopy, express4 } from '../express-copies.ts';

/** A socket of `ws` 7, as far as the tests use it. */
export interface Socket {
  readonly OPEN: number;
  readonly readyState: number;
  readonly protocol: string;
  onmessage: unknown;
  on(event: string, listener: (...args: never[]) => unknown): unknown;
  once(event: string, listener: (...args: never[]) => unknown): unknown;
  addEventListener(event: string, listener: (event: never) => unknown): void;
  send(data: unknown, ...rest: unknown[]): void;
  ping(): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

type Handler = (ws: Socket, req: Request & { ws?: Socket }, next: NextFunction) => unknown;

export interface WithWs {
  ws(route: string, ...handlers: Handler[]): this;
}

export interface Instance {
  readonly app: Application & WithWs;
  applyTo(router: unknown): void;
  getWss(): {
    readonly clients: Set<Socket>;
    on(event: string, listener: (...args: never[]) => void): unknown;
  };
}

export interface Options {
  readonly leaveRouterUntouched?: boolean;
  readonly wsOptions?: object;
}

/** What the tests are about: a copy of Express, and what is to be express-ws for it. */
export interface Subject {
  readonly name: string;
  readonly express: ExpressCopy;
  readonly expressWs: (app: Application, server?: Server | null, options?: Options) => Instance;
}

/** Express' Router with the method that express-ws adds. */
export function routerOf(express: ExpressCopy, options = {}): Router & WithWs {
  return express.Router(options) as object as Router & WithWs;
}

/** What routers inherit from: where `ws` is put for all of them. */
export function prototypeOf({ Router }: ExpressCopy): object {
  return 'get' in Router ? Router : Router.prototype;
}

export const ours: readonly Subject[] = copies.map(([name, express]) => ({
  name: `this package, ${name}`,
  express,
  expressWs: expressWsFor(express.Router) as object as Subject['expressWs'],
}));

/** The package of that name, which knows Express 4 only. */
export const original: Subject = {
  name: 'express-ws, Express 4',
  express: express4,
  expressWs(app, server, options) {
    const instance = originalExpressWs(
      app as Parameters<typeof originalExpressWs>[0],
      server ?? undefined,
      options,
    ) as object as Instance;
    // It is installed beside Express 5 here, whose routers are another copy's: this is what it does.
    if (!options?.leaveRouterUntouched) instance.applyTo(express4.Router);
    return instance;
  },
};
