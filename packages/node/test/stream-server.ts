import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import type { Socket } from 'node:net';
import { portOf, type SelfSignedCertificate } from '@heddle/testing';
import { onTestFinished } from 'vitest';
import { openOver } from './open.ts';

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

interface StreamServerOptions {
  readonly tls?: SelfSignedCertificate;
  readonly settings?: Settings;
  /** TLS may agree on HTTP/1.1, too. */
  readonly allowHTTP1?: boolean;
}

/** A server that does with streams of HTTP/2 what the test says, and ends with it. */
export class StreamServer {
  readonly server: Http2Server;
  readonly url: string;
  readonly port: number;
  /** All that ever were. */
  readonly transports: Socket[] = [];
  readonly sessions: ServerHttp2Session[] = [];
  readonly streams: ServerHttp2Stream[] = [];

  static async start(answer: Answer, options: StreamServerOptions = {}): Promise<StreamServer> {
    const { tls, settings = { enableConnectProtocol: true }, allowHTTP1 = false } = options;
    const server =
      tls === undefined
        ? createServer({ settings })
        : createSecureServer({ ...tls, settings, allowHTTP1 });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new StreamServer(server, answer, tls === undefined ? 'ws' : 'wss');
  }

  private constructor(server: Http2Server, answer: Answer, scheme: string) {
    this.server = server;
    this.port = portOf(server);
    this.url = `${scheme}://127.0.0.1:${this.port}/`;
    server.on('connection', (transport: Socket) => this.transports.push(transport));
    server.on('session', (session) => this.sessions.push(session));
    server.on('stream', (stream, headers) => {
      this.streams.push(stream);
      stream.on('error', () => {});
      answer(stream, headers);
    });
    onTestFinished(() => {
      server.close();
      for (const transport of this.transports) transport.destroy();
    });
  }

  /** How many connections there are now. */
  get open(): number {
    return this.transports.filter((transport) => !transport.destroyed).length;
  }
}

/** Lets a WebSocket in, and sends back what comes. */
export function echo(stream: ServerHttp2Stream, _headers?: IncomingHttpHeaders): void {
  stream.respond({ ':status': 200 });
  const socket = openOver(stream);
  socket.on('message', (message) => socket.send(message));
}
