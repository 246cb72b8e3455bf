import {
  type ClientHttp2Session,
  connect,
  constants,
  type OutgoingHttpHeaders,
  type Settings,
} from 'node:http2';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { deferred } from './deferred.ts';
import { type DialOptions, dial } from './dial.ts';
import type { HandshakeDescription } from './handshake.ts';
import type { HttpResponse } from './http-message.ts';
import { Http2Peer } from './http2-peer.ts';

export interface ScriptedSessionOptions extends DialOptions {
  /**
   * How long to wait for what should come, in milliseconds.
   * @default 5_000
   */
  readonly timeoutMs?: number;
}

/** What makes a request the handshake of a WebSocket over HTTP/2, RFC 8441 §4. */
const EXTENDED_CONNECT: OutgoingHttpHeaders = {
  ':method': 'CONNECT',
  ':protocol': 'websocket',
  'sec-websocket-version': '13',
};

/** One TCP connection that speaks HTTP/2, with as many scripted peers and requests on it as a test makes. */
export class ScriptedSession {
  readonly timeoutMs: number;
  readonly #session: ClientHttp2Session;
  readonly #socket: Socket;
  readonly #authority: string;

  /** Connects over TLS, or in the open without `tls`, and waits for the server's settings. */
  static async connect(options: ScriptedSessionOptions): Promise<ScriptedSession> {
    const { host = '127.0.0.1', port, tls, timeoutMs = 5_000 } = options;
    const authority = `${host}:${port}`;
    const http2 = tls && { tls: { ...tls, ALPNProtocols: ['h2'] } };
    const { stream, socket } = await dial({ ...options, ...http2 }, { allowHalfOpen: false });
    if (stream instanceof TLSSocket && stream.alpnProtocol !== 'h2') {
      stream.destroy();
      throw new Error('The server does not speak HTTP/2');
    }
    const url = `${tls === undefined ? 'http' : 'https'}://${authority}`;
    const session = connect(url, { createConnection: () => stream });
    // Each stream has the error too.
    session.on('error', () => {});
    await settingsOf(session, timeoutMs);
    return new ScriptedSession(session, socket, { authority, timeoutMs });
  }

  private constructor(
    session: ClientHttp2Session,
    socket: Socket,
    { authority, timeoutMs }: { readonly authority: string; readonly timeoutMs: number },
  ) {
    this.timeoutMs = timeoutMs;
    this.#session = session;
    this.#socket = socket;
    this.#authority = authority;
  }

  /** The settings that the server has announced. */
  get settings(): Settings {
    return this.#session.remoteSettings;
  }

  /** Whether it takes no new stream any more: the server has said GOAWAY, or is gone. */
  get closed(): boolean {
    return this.#session.closed || this.#session.destroyed;
  }

  /**
   * Sends a handshake: an extended CONNECT with the fields of a right one, which those of the
   * description replace. A pseudo-header field is one of them: `':protocol'`; `Host` is `':authority'`.
   */
  handshake(description: HandshakeDescription = {}): Http2Peer {
    return this.#send(description, EXTENDED_CONNECT);
  }

  /** Sends a plain request and expects its response. */
  request(description: HandshakeDescription = {}): Promise<HttpResponse> {
    return this.#send(description, { ':method': 'GET' }).receivesResponse();
  }

  /** Asks the other side for a sign of life. Rejects if it gives none. */
  async ping(): Promise<void> {
    const answered = deferred<void>();
    const sent = this.#session.ping((error) =>
      error ? answered.reject(error) : answered.resolve(),
    );
    if (!sent) answered.reject(new Error('The connection is over'));
    const late = () => answered.reject(new Error(`No answer to a ping in ${this.timeoutMs} ms`));
    const timer = setTimeout(late, this.timeoutMs);
    await answered.promise.finally(() => clearTimeout(timer));
  }

  /** Says GOAWAY, with the code of an error (RFC 9113 §7) or none; what is open stays open. */
  goAway(code: number = constants.NGHTTP2_NO_ERROR): void {
    this.#session.goaway(code);
  }

  /** Opens no new stream, and ends the connection when the last one has closed. */
  close(): void {
    if (!this.closed) this.#session.close();
  }

  /** Breaks the TCP connection (RST), with all that it carries. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Ends the connection at once, with all that it carries. */
  destroy(): void {
    this.#session.destroy();
    this.#socket.destroy();
  }

  #send(description: HandshakeDescription, fields: OutgoingHttpHeaders): Http2Peer {
    const { path = '/', method, headers = {}, followedBy } = description;
    const request = {
      ':authority': this.#authority,
      ':path': path,
      ...fields,
      ...(method === undefined ? {} : { ':method': method }),
      ...requestFields(headers),
    };
    const extended = request[':method'] === 'CONNECT';
    const cancel = new AbortController();
    const options = { endStream: !extended, signal: cancel.signal };
    const stream = this.#session.request(omitUndefined(request), options);
    if (followedBy !== undefined) stream.write(followedBy);
    return new Http2Peer(this, { stream, extended, cancel });
  }
}

/** RFC 9113 §8.2: names are in lower case. §8.3.1: ":authority" stands for Host. */
function requestFields(headers: NonNullable<HandshakeDescription['headers']>) {
  const fields: Record<string, string | string[] | undefined> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lowerCase = name.toLowerCase();
    const key = lowerCase === 'host' ? ':authority' : lowerCase;
    fields[key] = typeof value === 'object' ? [...value] : value;
  }
  return fields;
}

function omitUndefined(fields: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** RFC 8441 §3: no extended CONNECT may be sent before the server's settings allow it. */
async function settingsOf(session: ClientHttp2Session, timeoutMs: number): Promise<void> {
  const came = deferred<void>();
  session.once('remoteSettings', () => came.resolve());
  session.once('close', () => came.reject(new Error('The server closed before its settings came')));
  const late = () => came.reject(new Error(`No settings came in ${timeoutMs} ms`));
  const timer = setTimeout(late, timeoutMs);
  await came.promise.finally(() => clearTimeout(timer));
}
