import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type DialOptions, dial } from './dial.ts';
import {
  acceptFor,
  encodeHandshake,
  encodeMessage,
  encodeRequest,
  type HandshakeDescription,
} from './handshake.ts';
import { type HttpRequest, type HttpResponse, takeRequest, takeResponse } from './http-message.ts';
import { ScriptedStream, type ScriptedStreamOptions } from './scripted-stream.ts';

export interface ScriptedPeerOptions extends ScriptedStreamOptions {
  /** The `Host` of handshakes. */
  readonly host?: string;
  /** The TCP connection under a stream that is none itself: what `reset` resets. */
  readonly socket?: Socket;
}

/** A WebSocket peer over HTTP/1.1 that does what a test says, and nothing of its own accord. */
export class ScriptedPeer extends ScriptedStream {
  readonly #host: string;
  readonly #socket: Socket | undefined;

  /** A client, connected over TCP or TLS; the handshake is still to be made. */
  static async connect(options: DialOptions & ScriptedPeerOptions): Promise<ScriptedPeer> {
    const { stream, socket } = await dial(options);
    const host = `${options.host ?? '127.0.0.1'}:${options.port}`;
    return new ScriptedPeer(stream, { ...options, host, socket });
  }

  /** A peer over any stream, as one half of a pair in memory. */
  constructor(stream: Duplex, options: ScriptedPeerOptions = {}) {
    super(stream, options);
    const { host = 'localhost', socket } = options;
    this.#host = host;
    this.#socket = socket ?? (stream instanceof Socket ? stream : undefined);
  }

  /** Writes a handshake and expects a response, with its body if it has one. */
  async handshake(description: HandshakeDescription = {}): Promise<HttpResponse> {
    this.sends(encodeHandshake(description, this.#host));
    return await this.receivesResponse(description.method);
  }

  /** Writes a plain request that has a `Host`, and expects a response. */
  async request(description: HandshakeDescription = {}): Promise<HttpResponse> {
    const headers = { Host: this.#host, ...description.headers };
    this.sends(encodeRequest({ ...description, headers }));
    return await this.receivesResponse(description.method);
  }

  /** Expects a response next. `method` is that of its request: the answer to a HEAD has no body. */
  receivesResponse(method = 'GET'): Promise<HttpResponse> {
    return takeResponse(this.reader, method);
  }

  /** Expects a request next: the other side is a client. */
  receivesRequest(): Promise<HttpRequest> {
    return takeRequest(this.reader);
  }

  /**
   * Expects a handshake next, and accepts it with a right answer, RFC 6455 §4.2.2; `headers` replaces
   * and adds fields, `followedBy` is sent in the same write.
   */
  async acceptsHandshake(answer: AnswerDescription = {}): Promise<HttpRequest> {
    const request = await this.receivesRequest();
    const headers = {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Accept': acceptFor(request.header('Sec-WebSocket-Key') ?? ''),
      ...answer.headers,
    };
    this.sends(encodeMessage('HTTP/1.1 101 Switching Protocols', headers, answer.followedBy));
    return request;
  }

  override reset(): void {
    if (this.#socket === undefined) this.stream.destroy();
    else this.#socket.resetAndDestroy();
  }

  override destroy(): void {
    this.stream.destroy();
    this.#socket?.destroy();
  }
}

/** What a scripted server's answer to a handshake has beyond, or in place of, the right fields. */
export type AnswerDescription = Pick<HandshakeDescription, 'headers' | 'followedBy'>;
