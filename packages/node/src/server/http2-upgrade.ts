import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Opening, readConnectOpening } from '@heddle/core';
import { distinctFields } from '../header-fields.ts';
import { http } from '../node-http.ts';
import type { HttpRefusal } from './http-refusal.ts';
import { Http2Socket } from './http2-socket.ts';
import { IncomingUpgrade } from './incoming-upgrade.ts';

/**
 * A handshake over HTTP/2, RFC 8441. To the application it is what it would be over HTTP/1.1, a GET
 * that is answered with 101: so each framework has to know one kind of upgrade only, those too that
 * cannot speak HTTP/2 at all.
 */
export class Http2Upgrade extends IncomingUpgrade {
  readonly #stream: ServerHttp2Stream;
  readonly #requestSocket: Http2Socket;

  constructor(request: Http2ServerRequest) {
    const requestSocket = new Http2Socket(request.stream);
    super(translateRequest(request, requestSocket), request.stream, Buffer.alloc(0));
    this.#stream = request.stream;
    this.#requestSocket = requestSocket;
  }

  override get taken(): boolean {
    return this.#stream.headersSent || super.taken;
  }

  /** "The server replies with 200" to accept, RFC 8441 §5; clients may take any 2xx for it. */
  override isAcceptedBy(status: number): boolean {
    return status >= 200 && status <= 299;
  }

  override readOpening(): Opening {
    return readConnectOpening(distinctFields(this.request.rawHeaders));
  }

  override accept(fields: Readonly<Record<string, string>>): void {
    this.#closeWhenEnded();
    if (!this.#stream.destroyed) this.#stream.respond({ ':status': 200, ...fields });
  }

  override carry(response: ServerResponse): void {
    this.#closeWhenEnded();
    this.#requestSocket.carry(response);
  }

  protected override answer({ status, headers, text }: HttpRefusal): void {
    this.#closeWhenEnded();
    if (!this.#stream.destroyed && !this.#stream.headersSent) {
      const { Upgrade: _, ...fields } = headers;
      const type = { 'content-type': 'text/plain; charset=utf-8' };
      this.#stream.respond({ ':status': status, ...type, ...fields });
      this.#stream.write(`${text}\n`);
    }
  }

  /**
   * A server that has ended its half wants nothing more, and TCP, which would lose what is on its way,
   * is not touched: RFC 9113 §8.1 has such a stream reset with NO_ERROR. Browsers wait for that.
   */
  #closeWhenEnded(): void {
    this.#stream.once('finish', () => setImmediate(() => this.#stream.close()));
  }
}

/**
 * The extended CONNECT as a GET. A translation "MUST create a Host header field [...] by copying"
 * `:authority` (RFC 9113 §8.3.1); the pseudo-header fields stay, as Node has them in `headers` too.
 */
function translateRequest(from: Http2ServerRequest, socket: Http2Socket): IncomingMessage {
  // Node's type asks for a socket; a request uses no more of it than a stream has.
  const request = new http.IncomingMessage(socket as Duplex as Socket);
  const { authority, headers, rawHeaders, url } = from;
  const fields = [...rawHeaders, 'host', authority];
  Object.assign(request, {
    method: 'GET',
    url,
    httpVersion: '2.0',
    httpVersionMajor: 2,
    httpVersionMinor: 0,
    rawHeaders: fields,
    headers: Object.fromEntries([...Object.entries(headers), ['host', authority]]),
    headersDistinct: distinctFields(fields),
    // What follows are frames, and no body.
    complete: true,
  });
  request.push(null);
  return request;
}
