import type { ServerResponse } from 'node:http';
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type PeerCertificate, TLSSocket } from 'node:tls';

/** What HTTP/1.1 says about the connection: RFC 9113 §8.2.2 has none of it in HTTP/2. */
const CONNECTION_SPECIFIC = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
];

const END_OF_HEAD = '\r\n\r\n';

/**
 * What a request over HTTP/2 has in place of a socket, so that frameworks that know only HTTP/1.1, as
 * Express does, can answer it: its response writes HTTP/1.1 here, and the stream gets that in HTTP/2.
 * It tells of the client what the session's own socket knows, and nothing can be read from it.
 */
export class Http2Socket extends Duplex {
  readonly encrypted: boolean;
  readonly authorized: boolean;
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly remoteFamily: string | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly #stream: ServerHttp2Stream;
  #response: ServerResponse | undefined;

  constructor(stream: ServerHttp2Stream) {
    super();
    const shared = stream.session?.socket;
    this.encrypted = shared instanceof TLSSocket;
    this.authorized = shared instanceof TLSSocket && shared.authorized;
    this.remoteAddress = shared?.remoteAddress;
    this.remotePort = shared?.remotePort;
    this.remoteFamily = shared?.remoteFamily;
    this.localAddress = shared?.localAddress;
    this.localPort = shared?.localPort;
    this.#stream = stream;
    stream.once('close', () => this.destroy());
  }

  /** Has `response` answer the stream. */
  carry(response: ServerResponse): void {
    this.#response = response;
    // Node's type asks for a socket; a response uses no more of it than a stream has.
    response.assignSocket(this as Duplex as Socket);
  }

  /** As of a `TLSSocket`; an empty object where the client has none. */
  getPeerCertificate(detailed?: boolean): PeerCertificate | object {
    const shared = this.#stream.session?.socket;
    return shared instanceof TLSSocket ? shared.getPeerCertificate(detailed ?? false) : {};
  }

  /** For the stream alone: the connection is others' too. */
  setTimeout(milliseconds: number, timedOut?: () => void): this {
    this.#stream.setTimeout(milliseconds, timedOut);
    return this;
  }

  /** Nothing: the connection is others' too. */
  setKeepAlive(): this {
    return this;
  }

  /** Nothing: HTTP/2 always sends at once. */
  setNoDelay(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: () => void): void {
    const body = this.#stream.headersSent ? chunk : this.#begin(chunk);
    if (body.byteLength === 0 || !this.#stream.writable) written();
    // A stream that breaks says so itself, to those who listen to it.
    else this.#stream.write(body, () => written());
  }

  override _final(ended: () => void): void {
    this.#stream.end();
    ended();
  }

  override _destroy(error: Error | null, destroyed: (error: null) => void): void {
    this.#stream.destroy(error ?? undefined);
    destroyed(null);
  }

  /** Sends the header fields of the response, of which `head` is the HTTP/1.1; returns what is behind. */
  #begin(head: Buffer): Buffer {
    const response = this.#response;
    // An informational response goes before the real one, and nobody who asks for a WebSocket waits for it.
    if (response === undefined || !response.headersSent) return Buffer.alloc(0);
    try {
      if (!this.#stream.destroyed) this.#stream.respond(translateHead(response));
    } catch (error) {
      // Header fields that HTTP/2 cannot send, as one that may not be repeated: whoever ends the
      // response hears of it, and the client need not wait.
      this.destroy();
      throw error;
    }
    return head.subarray(head.indexOf(END_OF_HEAD) + END_OF_HEAD.length);
  }
}

/** RFC 8441 §5: where HTTP/1.1 switches protocols with 101, "the server replies with 200". */
function translateHead(response: ServerResponse): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = response.getHeaders();
  for (const name of CONNECTION_SPECIFIC) delete headers[name];
  const { statusCode } = response;
  return { ...headers, ':status': statusCode === 101 ? 200 : statusCode };
}
