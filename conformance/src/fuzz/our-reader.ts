import { Protocol, type ProtocolError, type ProtocolSink } from '@heddle/core';
import { concatBytes, textBytes } from '@heddle/testing';
import { type EventKind, formatEvent, type Reading } from './reading.ts';
import { MAX_FRAGMENTS, type StreamCase } from './stream-case.ts';
import { ZlibInflater } from './zlib-inflater.ts';

/** A way to read that must not make a difference. */
export interface Manner {
  /** The bytes are lent, and written over once they were received. */
  readonly lent?: boolean;
  /** Messages are taken in pieces. */
  readonly streaming?: boolean;
  /** Reading is paused after each message, and at each piece. */
  readonly pausing?: boolean;
}

export interface OurReading extends Reading {
  /** How many messages there were when final blocks of DEFLATE ended, each with more behind it. */
  readonly finalBlocksAt: readonly number[];
  /** What was written: close frames. */
  readonly written: Uint8Array;
  /** The failure's whole sentence. */
  readonly sentence: string | undefined;
}

/**
 * Reads the pieces with `Protocol`, and throws if it breaks a law while it does: what it retains is
 * bounded, it ends once, and is deaf and empty then.
 */
export async function readOurs(
  options: Pick<StreamCase, 'role' | 'maxMessageBytes' | 'deflate'>,
  pieces: readonly Uint8Array[],
  manner: Manner = {},
): Promise<OurReading> {
  const reader = new OurReader(options, manner);
  for (const piece of pieces) await reader.receive(piece);
  return reader.finish();
}

/** A message, the control frame in progress, an unanswered ping, and 128 for each of them. */
const BESIDE_MESSAGE_BYTES = 125 + 125 + 3 * 128;

class OurReader {
  readonly #options: Pick<StreamCase, 'maxMessageBytes' | 'deflate'>;
  readonly #manner: Manner;
  /** As they were told: what was lent must not be in them. */
  readonly #events: { readonly kind: EventKind; readonly bytes: Uint8Array }[] = [];
  readonly #finalBlocksAt: number[] = [];
  readonly #inflater: ZlibInflater | undefined;
  readonly #protocol: Protocol;
  #messages = 0;
  #text = false;
  #pieces: Uint8Array[] = [];
  #closed = false;
  #error: ProtocolError | undefined;
  #ends = 0;

  constructor(options: Pick<StreamCase, 'role' | 'maxMessageBytes' | 'deflate'>, manner: Manner) {
    const { role, maxMessageBytes, deflate } = options;
    this.#options = options;
    this.#manner = manner;
    this.#inflater =
      deflate && new ZlibInflater(deflate, () => this.#finalBlocksAt.push(this.#messages));
    this.#protocol = new Protocol(
      {
        role,
        limits: { maxMessageBytes, maxFragments: MAX_FRAGMENTS },
        extensions: deflate === undefined ? [] : [{ name: 'permessage-deflate', rsv: 4 }],
        inflater: this.#inflater,
        ...(role === 'client' && { nextMaskingKey: () => 0x37fa_213d }),
      },
      this.#sink(),
    );
    if (manner.streaming === true) this.#protocol.streaming = true;
  }

  async receive(piece: Uint8Array): Promise<void> {
    // The protocol unmasks in place.
    const bytes = piece.slice();
    this.#protocol.receive(bytes, this.#manner.lent);
    if (this.#manner.lent === true) bytes.fill(0xa5);
    while (this.#protocol.suspended) {
      await this.#inflater?.ready;
      this.#protocol.resume();
    }
    const bound = this.#options.maxMessageBytes + BESIDE_MESSAGE_BYTES;
    const { retainedBytes } = this.#protocol;
    if (retainedBytes > bound) throw new Error(`${retainedBytes} bytes are held, above ${bound}`);
  }

  async finish(): Promise<OurReading> {
    const written = concatBytes(...this.#protocol.takeOutput());
    if (this.#protocol.state === 'closed') await this.#assertDeaf();
    this.#inflater?.close();
    return {
      events: this.#events.map(({ kind, bytes }) => formatEvent(kind, bytes)),
      end: this.#error ?? (this.#closed ? 'closed' : 'open'),
      finalBlocksAt: this.#finalBlocksAt,
      written,
      sentence: this.#error?.message,
    };
  }

  /** §1.4, §7.1.7: after the peer's close frame, and after we failed, nothing is processed. */
  async #assertDeaf(): Promise<void> {
    const before = this.#events.length;
    await this.receive(Uint8Array.of(0x89, 0x00));
    this.#protocol.receiveEnd();
    this.#protocol.answerPing();
    const { retainedBytes, outputBytes } = this.#protocol;
    if (this.#events.length > before) throw new Error('something came after the end');
    if (this.#ends > 1) throw new Error('it ended more than once');
    if (this.#closed === (this.#error !== undefined)) throw new Error('it ended in two ways');
    if (retainedBytes > 0) throw new Error(`${retainedBytes} bytes are held after the end`);
    if (outputBytes > 0) throw new Error('something is written after the close frame');
  }

  #sink(): ProtocolSink {
    return {
      message: (message) =>
        typeof message === 'string'
          ? this.#message('text', textBytes(message))
          : this.#message('binary', message),
      messageStart: (text) => {
        this.#text = text;
        this.#pieces = [];
        this.#pause();
      },
      messagePiece: (piece) => {
        if (piece.byteLength === 0) throw new Error('a piece is empty');
        this.#pieces.push(piece);
        this.#pause();
      },
      messageEnd: () => this.#message(this.#text ? 'text' : 'binary', concatBytes(...this.#pieces)),
      ping: (payload) => this.#note('ping', payload),
      pong: (payload) => this.#note('pong', payload),
      close: (closeCode, reason) => {
        this.#closed = true;
        this.#note(`close ${closeCode}`, textBytes(reason));
      },
      fail: (error) => {
        this.#error = error;
      },
      output: () => undefined,
      end: () => {
        this.#ends++;
      },
    };
  }

  #message(kind: EventKind, bytes: Uint8Array): void {
    this.#messages++;
    this.#note(kind, bytes);
    this.#pause();
  }

  #note(kind: EventKind, bytes: Uint8Array): void {
    this.#events.push({ kind, bytes });
  }

  #pause(): void {
    if (this.#manner.pausing === true) this.#protocol.pause();
  }
}
