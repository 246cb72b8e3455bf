import { expect } from 'vitest';
import type { Client } from '../client.ts';
import type { ContractHandler, ContractRequest, ContractVerdict } from './harness.ts';

/** Sends every message back. */
export const echo: ContractHandler = (socket) => {
  socket.on('message', (message) => {
    socket.send(message);
  });
};

/** Passes if a socket whose handler is `echo` works. */
export async function expectEcho(client: Client): Promise<void> {
  client.send('hello');
  expect(await client.next()).toBe('hello');
}

/** A handler that a case wants never to be called; `calls` counts. */
export function untouched(): { readonly ws: ContractHandler; calls: number } {
  const handler = {
    calls: 0,
    ws: () => {
      handler.calls += 1;
    },
  };
  return handler;
}

/** A parameter of the path; empty if there is none of that name. */
export function paramOf(request: ContractRequest, name: string): string {
  return String(propertyOf(request.params, name) ?? '');
}

/** One value of the request's session, to read and to write. */
export function sessionValue(request: ContractRequest, name: string) {
  const { session } = request;
  if (typeof session !== 'object' || session === null) throw new Error('There is no session');
  return {
    get: () => propertyOf(session, name),
    set: (value: unknown) => Reflect.set(session, name, value),
  };
}

/** A `before` that sets these header fields and lets everybody in. */
export function sets(headers: NonNullable<ContractVerdict['headers']>) {
  return () => Promise.resolve({ headers });
}

/** Resolves when the server has noticed that the client of `request` is gone; half a second later anyway. */
export async function noticed({ socket }: ContractRequest): Promise<void> {
  for (let waited = 0; waited < 500 && !socket.destroyed; waited += 10) await delay(10);
}

export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function propertyOf(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null ? Reflect.get(object, name) : undefined;
}
