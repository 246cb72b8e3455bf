import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ByteReader } from './byte-reader.ts';
import { type Bytes, equalBytes, formatBytes, textBytes, toBytes } from './bytes.ts';
import { type DialOptions, dial } from './dial.ts';
import { encodeFrame, type FrameDescription, type ReceivedFrame, takeFrame } from './frame.ts';
import {
  acceptFor,
  encodeHandshake,
  encodeMessage,
  encodeRequest,
  type HandshakeDescription,
} from './handshake.ts';
import { type HttpRequest, type HttpResponse, takeRequest, takeResponse } from './http-message.ts';

export interface ScriptedPeerOptions {
  /**
   * A client masks its frames, a server does not (§5.1).
   * @default 'client'
   */
  readonly role?: 'client' | 'server';
  /**
   * How long to wait for what should come, in milliseconds.
   * @default 5_000
   */
  readonly timeoutMs?: number;
  /** The `Host` of handshakes. */
  readonly host?: string;
  /** The TCP connection under a stream that is none itself: what `reset` resets. */
  readonly socket?: Socket;
}

/** A frame of which a peer fills in what it always does: a client's key is `37 fa 21 3d`, as in §5.7. */
export type PeerFrame = Omit<FrameDescription, 'maskingKey'> &
  Partial<Pick<FrameDescription, 'maskingKey'>>;

/**
 * A WebSocket peer that does what a test says, right or wrong, and nothing of its own accord: it
 * answers no ping, no close frame and no end of the stream.
 *
 * What is expected and does not come is an error that shows both, after `timeoutMs`.
 */
export class ScriptedPeer {
  readonly #stream: Duplex;
  readonly #reader: ByteReader;
  readonly #masks: boolean;
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
    const { role = 'client', timeoutMs = 5_000, host = 'localhost', socket } = options;
    this.#stream = stream;
    this.#reader = new ByteReader(stream, timeoutMs);
    this.#masks = role === 'client';
    this.#host = host;
    this.#socket = socket ?? (stream instanceof Socket ? stream : undefined);
  }

  /** Whether the other side has ended its half (FIN), or the connection is gone. */
  get ended(): boolean {
    return this.#reader.ended;
  }

  /** Why the connection broke, as `ECONNRESET`; `undefined` if it did not. */
  get error(): Error | undefined {
    return this.#reader.error;
  }

  /** What has come and was not expected by anyone yet. */
  get pending(): Uint8Array {
    return this.#reader.pending;
  }

  /** Writes these bytes, in one piece. */
  sends(bytes: Bytes): void {
    this.#stream.write(toBytes(bytes));
  }

  /** Writes a frame. */
  sendsFrame(frame: PeerFrame): void {
    this.sends(this.frame(frame));
  }

  /** The bytes of a frame, for a `sends` of several at once. */
  frame(frame: PeerFrame): Uint8Array {
    return encodeFrame({ maskingKey: this.#masks ? '37 fa 21 3d' : false, ...frame });
  }

  /** Writes pieces of these sizes, the last one again and again, a millisecond apart from each other. */
  async dribble(bytes: Bytes, sizes: readonly number[]): Promise<void> {
    const all = toBytes(bytes);
    for (let offset = 0, turn = 0; offset < all.byteLength; turn++) {
      const size = Math.max(1, sizes[Math.min(turn, sizes.length - 1)] ?? 1);
      const piece = all.subarray(offset, offset + size);
      await new Promise((resolve) => this.#stream.write(piece, resolve));
      await new Promise((resolve) => setTimeout(resolve, 1));
      offset += size;
    }
  }

  /** Expects exactly these bytes next. */
  async receives(bytes: Bytes): Promise<void> {
    const expected = toBytes(bytes);
    const wanted = formatBytes(expected);
    const actual = await this.#reader.take(expected.byteLength, wanted);
    if (equalBytes(actual, expected)) return;
    throw new Error(`Expected ${wanted}\nbut got  ${formatBytes(actual)}`);
  }

  /** Expects a frame next, whatever its content. */
  receivesFrame(): Promise<ReceivedFrame> {
    return takeFrame(this.#reader);
  }

  /** Expects a text message in one frame next. */
  async receivesText(text: string): Promise<void> {
    const { opcode, fin, payload } = await this.receivesFrame();
    if (opcode === 1 && fin && equalBytes(payload, textBytes(text))) return;
    const came = `opcode ${opcode}, fin ${fin}, ${formatBytes(payload)}`;
    throw new Error(`Expected the text ${JSON.stringify(text)}\nbut got a frame: ${came}`);
  }

  /** Expects the end of the other side's half next, and no byte before it. */
  async receivesEnd(): Promise<void> {
    const rest = await this.#reader.takeAll('The end of the stream');
    if (rest.byteLength === 0) return;
    throw new Error(`Expected the end of the stream\nbut got  ${formatBytes(rest)}`);
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
    return takeResponse(this.#reader, method);
  }

  /** Expects a request next: the other side is a client. */
  receivesRequest(): Promise<HttpRequest> {
    return takeRequest(this.#reader);
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

  /** Ends our half (FIN), behind everything that was sent. */
  end(): void {
    this.#stream.end();
  }

  /** Breaks the connection (RST), with all that is on its way. */
  reset(): void {
    if (this.#socket === undefined) this.#stream.destroy();
    else this.#socket.resetAndDestroy();
  }

  /** Reads nothing more until `resume`, so that the other side cannot go on writing. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Closes the connection at once, without a wish to know what the other side makes of it. */
  destroy(): void {
    this.#stream.destroy();
    this.#socket?.destroy();
  }

  /** Gives the stream away, with what has come and was not expected. This peer is over. */
  release(): { readonly stream: Duplex; readonly head: Uint8Array } {
    return { stream: this.#stream, head: this.#reader.release() };
  }
}

/** What a scripted server's answer to a handshake has beyond, or in place of, the right fields. */
export type AnswerDescription = Pick<HandshakeDescription, 'headers' | 'followedBy'>;
