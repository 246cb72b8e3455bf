import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Server } from 'node:net';
import { WebSocket } from 'ws';
import type { ContractApp, PlainUpgrade } from '../src/contract/index.ts';
import { serve } from './naive-socket.ts';

/** The compatibility requests that are handshakes. */
const handshakes = new WeakSet<object>();

/** Whether a request came to 'connect', as the handshakes of HTTP/2 do. */
export function isConnect(request: IncomingMessage): boolean {
  return handshakes.has(request);
}

/** Has the framework take each CONNECT as a GET, which is most of what the usual recipe does. */
export function listenToConnect(
  server: Server,
  dispatch: (request: IncomingMessage, response: ServerResponse) => unknown,
): void {
  if (!('updateSettings' in server) || typeof server.updateSettings !== 'function') return;
  server.updateSettings({ enableConnectProtocol: true });
  server.on('connect', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    // Without this a client that resets would end the process, and with it these tests.
    request.stream.on('error', () => {});
    // What the recipe relies on: a framework does not notice the difference.
    Reflect.set(request, 'method', 'GET');
    handshakes.add(request);
    dispatch(request as object as IncomingMessage, response as object as ServerResponse);
  });
}

/** Gives the stream to ws, past the framework's response. */
export function acceptConnect(app: ContractApp, upgrade: PlainUpgrade): void {
  const { stream } = upgrade.request as object as Http2ServerRequest;
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ':status': 200 });
  const options = { maxPayload: app.options.limits?.maxMessageBytes ?? 2 ** 20 };
  // ws has no public way to take a stream; its own server uses this one.
  const socket: WebSocket = Reflect.construct(WebSocket, [null, undefined, {}]);
  Reflect.get(socket, 'setSocket').call(socket, stream, Buffer.alloc(0), options);
  serve(app, upgrade, socket);
}
