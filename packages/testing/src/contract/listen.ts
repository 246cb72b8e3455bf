import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import {
  constants,
  createSecureServer as createHttp2Server,
  type Http2SecureServer,
  Http2ServerRequest,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { Server } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ContractApp } from './harness.ts';

/** A server that `listen` starts: one of these, as `ContractApp.tls` and `http` ask for it. */
export type ListeningServer = HttpServer | HttpsServer | Http2SecureServer;

export interface ListenOptions {
  /**
   * The listener cannot take plain requests over HTTP/2, as `ContractHarness.plainOverHttp1` says:
   * such a request is sent back to HTTP/1.1.
   * @default false
   */
  readonly plainOverHttp1?: boolean;
}

/**
 * Starts `app.servers` servers of Node's, with TLS and HTTP/2 where the application asks for it. Over
 * HTTP/2 the listener gets the requests and responses of Node's compatibility API.
 */
export async function listen(
  app: ContractApp,
  listener: RequestListener,
  { plainOverHttp1 = false }: ListenOptions = {},
): Promise<ListeningServer[]> {
  const answer = plainOverHttp1 ? overHttp1(listener) : listener;
  const servers = Array.from({ length: app.servers }, () => createFor(app));
  for (const server of servers) {
    // On all of them by its name alone: HTTP/2 has types of its own for what its compatibility gives.
    server.on('request', answer as () => void);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  return servers;
}

/** Stops listening, and drops the connections that wait for another request. */
export async function stopListening(servers: readonly Server[]): Promise<void> {
  for (const server of servers) {
    await new Promise((resolve) => {
      server.close(resolve);
      if ('closeAllConnections' in server && typeof server.closeAllConnections === 'function') {
        server.closeAllConnections();
      }
      endHttp2.get(server)?.();
    });
  }
}

/** What ends the connections of a server that speaks HTTP/2. */
const endHttp2 = new WeakMap<Server, () => void>();

function createFor({ tls, http }: ContractApp): ListeningServer {
  if (tls === undefined) return createServer();
  if (http === 1) return createHttpsServer(tls);
  const server = createHttp2Server({ ...tls, allowHTTP1: true });
  const sessions = new Set<ServerHttp2Session>();
  const others = new Set<TLSSocket>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  server.on('secureConnection', (socket) => {
    if (socket.alpnProtocol === 'h2') return;
    others.add(socket);
    socket.on('close', () => others.delete(socket));
  });
  endHttp2.set(server, () => {
    // A session ends when its streams have: one that is left over is what a case must notice.
    for (const session of sessions) session.close();
    for (const socket of others) socket.destroy();
  });
  return server;
}

/** RFC 9113 §7: HTTP_1_1_REQUIRED has a client come again with HTTP/1.1. */
function overHttp1(listener: RequestListener) {
  return (request: IncomingMessage | Http2ServerRequest, response: ServerResponse): void => {
    if (!(request instanceof Http2ServerRequest)) listener(request, response);
    else request.stream.close(constants.NGHTTP2_HTTP_1_1_REQUIRED);
  };
}
