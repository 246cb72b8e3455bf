import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  type AnyConnection,
  type Connection,
  type ConnectOptions,
  connect,
  HandshakeRefusedError,
} from '@heddle/node';
import { portOf } from '@heddle/testing';
import type { Application } from 'express';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

/** Has `app` listen by its own means until the test is over; returns `host:port`. */
export async function listen(app: Application): Promise<string> {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return endLater(server);
}

/** Ends a listening server when the test is over; returns its `host:port`. */
export function endLater(server: Server): string {
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${portOf(server)}`;
}

/** Opens a WebSocket, which is destroyed when the test is over. */
export async function open(
  host: string,
  path: string,
  options: ConnectOptions = {},
): Promise<Connection> {
  const socket = await connect(`ws://${host}${path}`, options);
  onTestFinished(() => socket.destroy());
  return socket;
}

/** The next message of a connection, which must not end before. */
export async function nextMessage(socket: AnyConnection): Promise<unknown> {
  const ended = socket.closed.then(({ code }) => {
    throw new Error(`The connection ended with ${code}`);
  });
  const [message] = await Promise.race([once(socket, 'message'), ended]);
  return message;
}

/** How the server refused a handshake, which it must have done. */
export async function refusalOf(host: string, path: string, options: ConnectOptions = {}) {
  const error = await connect(`ws://${host}${path}`, options).catch((thrown: unknown) => thrown);
  if (!(error instanceof HandshakeRefusedError)) throw new Error(`Not refused, but ${error}`);
  return { status: error.status, headers: error.headers, body: error.body.toString() };
}

export interface Answer {
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The answer to a plain request, a GET if nothing else is said. */
export async function fetchPlain(
  host: string,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const outgoing = request(`http://${host}${path}`, { method, headers, agent: false });
  outgoing.end();
  const [incoming] = await once(outgoing, 'response');
  const { statusCode, statusMessage } = incoming;
  return {
    status: statusCode,
    reason: statusMessage,
    headers: incoming.headers,
    body: await text(incoming),
  };
}

/** The 101 that a client gets who is not ours. */
export async function switched(
  host: string,
  path: string,
  options: { readonly origin?: string } = {},
): Promise<IncomingMessage> {
  const client = new WebSocket(`ws://${host}${path}`, options);
  onTestFinished(() => client.terminate());
  const [response] = await once(client, 'upgrade');
  return response;
}
