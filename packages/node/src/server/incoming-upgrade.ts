import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Opening, readOpening } from '@heddle/core';
import { publish } from '../diagnostics.ts';
import { distinctFields } from '../header-fields.ts';
import { formatRefusal, type HttpRefusal } from './http-refusal.ts';

const NOTHING = Buffer.alloc(0);

/** How long a client that was refused gets to read why, in milliseconds. */
const LINGER_MS = 1_000;

/**
 * A request to upgrade, and its socket. Node takes its own listeners off the socket before it emits
 * `'upgrade'`: from then on an error has nobody to go to, and ends the process. So this listens, from
 * its construction until somebody else does.
 */
export class IncomingUpgrade {
  readonly request: IncomingMessage;
  /** Not always a `net.Socket`: on newer Nodes a request with a body comes with another stream. */
  readonly socket: Duplex;
  /** What was read behind the request, until it is released: the request keeps this, and a connection the request. */
  head: Buffer;
  readonly #bytesWritten: number;
  #clientGone: () => void = () => this.#dropIfUntaken();

  constructor(request: IncomingMessage, socket: Duplex, head: Buffer) {
    this.request = request;
    this.socket = socket;
    this.head = head;
    this.#bytesWritten = bytesWritten(socket);
    socket.on('error', this.#onError);
    socket.on('end', this.#onGone);
    socket.on('close', this.#onGone);
  }

  /** Whether another listener of `'upgrade'` has begun to use the socket. */
  get taken(): boolean {
    const { socket } = this;
    return (
      socket.destroyed ||
      socket.readableFlowing !== null ||
      socket.listenerCount('readable') > 0 ||
      bytesWritten(socket) !== this.#bytesWritten ||
      responseOn(socket) !== undefined
    );
  }

  /** The socket is ours. `clientGone` is told when the client ends its half, and when TCP is gone. */
  claim(clientGone: () => void): void {
    this.#clientGone = clientGone;
  }

  /** The socket is another listener's after all. */
  unclaim(): void {
    this.#clientGone = () => this.#dropIfUntaken();
  }

  /** Somebody else listens to the socket from here on. */
  release(): void {
    this.socket.off('error', this.#onError);
    this.#stopWatching();
    this.#clientGone = () => {};
    this.head = NOTHING;
  }

  /** Whether a response with `status` lets the client in, although no 101 is on the wire. */
  isAcceptedBy(_status: number): boolean {
    return false;
  }

  /** What the handshake says. Throws `HandshakeError` for one that breaks a rule. */
  readOpening(): Opening {
    const { method = '', httpVersion, rawHeaders } = this.request;
    return readOpening({ method, httpVersion, headers: distinctFields(rawHeaders) });
  }

  /** Answers that the protocol is switched, with the handshake's `fields` and nothing else. */
  accept(fields: Readonly<Record<string, string>>): void {
    let head = 'HTTP/1.1 101 Switching Protocols\r\n';
    for (const name in fields) head += `${name}: ${fields[name]}\r\n`;
    this.socket.write(`${head}\r\n`, 'latin1');
  }

  /** Has `response` be the answer. */
  carry(response: ServerResponse): void {
    // Node assigns what it gives to 'upgrade', too; a response uses no more of it than a stream has.
    response.assignSocket(this.socket as Socket);
  }

  /** Answers with `refusal`, and closes. */
  refuse(refusal: HttpRefusal): void {
    const { request } = this;
    const { status, reason, limit } = refusal;
    publish('heddle:upgrade:refused', { request, status, reason });
    if (limit !== undefined) {
      publish('heddle:limit', { limit, action: 'refuse', socket: undefined, request });
    }
    this.answer(refusal);
    this.closeAfterAnswer();
  }

  protected answer(refusal: HttpRefusal): void {
    this.socket.write(formatRefusal(refusal));
  }

  /**
   * Ends our half once the answer is written. The client's half may go on for a moment: a socket
   * destroyed with bytes unread resets the connection, and the client may lose the answer by it.
   */
  closeAfterAnswer(): void {
    const { socket } = this;
    this.#stopWatching();
    const deadline = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.once('close', () => clearTimeout(deadline));
    socket.resume();
    socket.end();
  }

  readonly #onError = (): void => {
    this.socket.destroy();
  };

  readonly #onGone = (): void => {
    this.#clientGone();
  };

  /** A server's sockets stay half open: one that nobody answers would, once its client left, forever. */
  #dropIfUntaken(): void {
    if (!this.taken) this.socket.destroy();
  }

  #stopWatching(): void {
    this.socket.off('end', this.#onGone);
    this.socket.off('close', this.#onGone);
  }
}

/**
 * The response that a socket carries at the moment: to an earlier request on the same connection, or
 * one that another listener made. Node has no public name for it.
 */
export function responseOn(socket: Duplex): ServerResponse | undefined {
  const response: unknown = Reflect.get(socket, '_httpMessage');
  return (response as ServerResponse | null | undefined) ?? undefined;
}

function bytesWritten(socket: Duplex): number {
  return socket instanceof Socket ? socket.bytesWritten : socket.writableLength;
}
