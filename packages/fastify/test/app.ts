import { once } from 'node:events';
import { type AnyConnection, HandshakeRefusedError } from '@heddle/node';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { onTestFinished } from 'vitest';
import websocket, { type WebSocketPluginOptions } from '../src/index.ts';

/** A Fastify with the plugin, closed when the test is over. */
export async function buildApp(
  options: WebSocketPluginOptions = {},
  serverOptions: FastifyServerOptions = {},
): Promise<FastifyInstance> {
  const app = bareApp(serverOptions);
  await app.register(websocket, options);
  return app;
}

/** A Fastify without the plugin, closed when the test is over. */
export function bareApp(serverOptions: FastifyServerOptions = {}): FastifyInstance {
  const app = Fastify(serverOptions);
  onTestFinished(() => app.close());
  return app;
}

/** Listens on a free port of 127.0.0.1, and returns `host:port`. */
export async function listen(app: FastifyInstance): Promise<string> {
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  return new URL(address).host;
}

/** The next message of a connection of any kind. */
export async function nextMessage(socket: AnyConnection): Promise<unknown> {
  const [message] = await once(socket, 'message');
  return message;
}

/** How the server refused a handshake, which it must have done. */
export async function refusalOf(opened: Promise<unknown>) {
  const error = await opened.catch((thrown: unknown) => thrown);
  if (!(error instanceof HandshakeRefusedError)) throw new Error(`Not refused, but ${error}`);
  return { status: error.status, headers: error.headers, body: error.body.toString() };
}

/** The lines that Fastify's logger writes, to be given to it as its `stream`. */
export class LogLines {
  readonly lines: Record<string, unknown>[] = [];

  write(line: string): void {
    this.lines.push(JSON.parse(line));
  }

  /** The lines with this `msg`. */
  named(message: string): Record<string, unknown>[] {
    return this.lines.filter(({ msg }) => msg === message);
  }
}
