import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { CloseCode, type Message, Protocol } from '@heddle/core';
import { type Deferred, deferred } from './deferred.ts';
import type { DialOptions } from './dial.ts';
import { acceptFor, type HandshakeDescription, handshakeHeaders } from './handshake.ts';
import type { HttpResponse } from './http-message.ts';
import { ScriptedPeer } from './scripted-peer.ts';
import type { ScriptedSession } from './scripted-session.ts';
import type { ScriptedStream } from './scripted-stream.ts';

export interface HandshakeOptions {
  /** @default '/' */
  readonly path?: string;
  readonly headers?: HandshakeDescription['headers'];
  readonly subprotocols?: readonly string[];
  /**
   * How long to wait for the handshake, or for a message, in milliseconds.
   * @default 5_000
   */
  readonly timeoutMs?: number;
}

export interface ClientOptions extends DialOptions, HandshakeOptions {}

/** How a connection ended: 1006 if no close frame came. */
export interface ClientClose {
  readonly code: number;
  readonly reason: string;
}

/**
 * Opens a connection to a server. Rejects with an `Error` that shows the answer if that does not
 * accept the handshake, as RFC 6455 §4.1 asks for it.
 */
export async function openClient(options: ClientOptions): Promise<Client> {
  const { path = '/', timeoutMs = 5_000 } = options;
  const peer = await ScriptedPeer.connect(options);
  const own = handshakeHeaders();
  const response = await peer.handshake({ path, headers: { ...own, ...fieldsOf(options) } });
  const accepted = response.header('Sec-WebSocket-Accept') === acceptFor(own['Sec-WebSocket-Key']);
  return start(peer, { response, accepted: accepted && response.status === 101, timeoutMs });
}

/** Opens a connection on a stream of `session`, RFC 8441 §5. Rejects as `openClient` does. */
export async function openClientOn(
  session: ScriptedSession,
  options: HandshakeOptions = {},
): Promise<Client> {
  const { path = '/', timeoutMs = 5_000 } = options;
  const peer = session.handshake({ path, headers: fieldsOf(options) });
  const response = await peer.receivesResponse();
  const accepted = response.status >= 200 && response.status < 300;
  return start(peer, { response, accepted, timeoutMs });
}

function fieldsOf({ subprotocols = [], headers }: HandshakeOptions) {
  const offer = subprotocols.length === 0 ? undefined : subprotocols.join(', ');
  return { 'Sec-WebSocket-Protocol': offer, ...headers };
}

interface Answer extends Omit<ClientStart, 'head'> {
  readonly accepted: boolean;
}

function start(peer: ScriptedStream, { accepted, response, timeoutMs }: Answer): Client {
  if (!accepted) {
    peer.destroy();
    throw new Error(`The handshake was answered ${response.status}: ${response.body}`);
  }
  const { stream, head } = peer.release();
  return new Client(stream, { head, response, timeoutMs });
}

interface ClientStart {
  readonly head: Uint8Array;
  readonly response: HttpResponse;
  readonly timeoutMs: number;
}

/** A client that behaves well: it answers pings and close frames, and ends its half when the server does. */
export class Client {
  /** The answer to the handshake. */
  readonly response: HttpResponse;
  /** Resolves when the connection has ended, however. */
  readonly closed: Promise<ClientClose>;
  readonly #stream: Duplex;
  readonly #protocol: Protocol;
  readonly #timeoutMs: number;
  readonly #messages: Message[] = [];
  #waiting: Deferred<Message | undefined> | undefined;
  #close: ClientClose = { code: CloseCode.AbnormalClosure, reason: '' };
  #ended = false;

  constructor(stream: Duplex, { head, response, timeoutMs }: ClientStart) {
    this.response = response;
    this.#stream = stream;
    this.#timeoutMs = timeoutMs;
    this.#protocol = new Protocol(
      { role: 'client', nextMaskingKey: () => randomBytes(4).readUInt32BE() },
      {
        message: (message) => this.#take(message),
        ping: () => this.#protocol.answerPing(),
        pong: () => {},
        close: (code, reason) => {
          this.#close = { code, reason };
        },
        fail: (error) => {
          this.#close = { code: CloseCode.AbnormalClosure, reason: error.message };
        },
        output: () => queueMicrotask(() => this.#write()),
        end: () => queueMicrotask(() => stream.end()),
      },
    );
    this.closed = new Promise((resolve) => {
      stream.on('close', () => {
        this.#ended = true;
        this.#waiting?.resolve(undefined);
        resolve(this.#close);
      });
    });
    stream.on('error', () => stream.destroy());
    stream.on('end', () => this.#protocol.receiveEnd());
    stream.on('end', () => stream.end());
    this.#protocol.receive(head);
    stream.on('data', (chunk: Uint8Array) => this.#protocol.receive(chunk));
  }

  /** The subprotocol that the server chose. */
  get subprotocol(): string | undefined {
    return this.response.header('Sec-WebSocket-Protocol');
  }

  send(message: Message): void {
    this.#protocol.send(message);
  }

  /** The next message. Rejects if none comes in time, or ever. */
  async next(): Promise<Message> {
    const message = await this.#next();
    if (message !== undefined) return message;
    throw new Error(`No message came: the connection ended with ${this.#close.code}`);
  }

  /** The messages until the connection ends. */
  async *messages(): AsyncGenerator<Message, void> {
    for (;;) {
      const message = await this.#next();
      if (message === undefined) return;
      yield message;
    }
  }

  /** Sends a close frame, and resolves when the connection has ended. */
  close(code: number = CloseCode.NormalClosure, reason = ''): Promise<ClientClose> {
    this.#protocol.close(code, reason);
    return this.closed;
  }

  /** Ends the connection at once, without a close frame. */
  destroy(): void {
    this.#stream.destroy();
  }

  #next(): Promise<Message | undefined> {
    const message = this.#messages.shift();
    if (message !== undefined || this.#ended) return Promise.resolve(message);
    const waiting = deferred<Message | undefined>();
    this.#waiting = waiting;
    const late = () => waiting.reject(new Error(`No message came within ${this.#timeoutMs} ms`));
    const timer = setTimeout(late, this.#timeoutMs);
    return waiting.promise.finally(() => {
      clearTimeout(timer);
      this.#waiting = undefined;
    });
  }

  #take(message: Message): void {
    if (this.#waiting === undefined) this.#messages.push(message);
    else this.#waiting.resolve(message);
    this.#waiting = undefined;
  }

  #write(): void {
    for (const chunk of this.#protocol.takeOutput()) this.#stream.write(chunk);
  }
}
