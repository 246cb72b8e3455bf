import { setImmediate as nextTurn } from 'node:timers/promises';
import { types } from 'node:util';
import { HELD_OBJECT_BYTES, type MessageStart, UsageError } from '@heddle/core';
import { invalidOption } from '../invalid-option.ts';
import type { Outbox } from './outbox.ts';
import { SourceReader } from './source-reader.ts';
import { unsupportedMessage } from './unsupported-message.ts';

/** How much is sent in one turn of the event loop, from a source that has everything at hand. */
const TURN_BYTES = 2 ** 18;

/** What a message can be sent from, piece by piece. Pieces must not change once they are given. */
export type MessageSource =
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>
  | ReadableStream<string | Uint8Array>;

export interface SendStreamOptions {
  /**
   * What the message is. Bytes in a text must be UTF-8, and may be cut within a character.
   * @default what the first piece is: a string is text, bytes are binary
   */
  readonly type?: 'text' | 'binary';
  /**
   * The most bytes in one fragment, 1 and more; control frames pass between fragments. Peers limit how
   * many there may be, often to 16,384.
   * @default 64 * 1024
   */
  readonly fragmentBytes?: number;
  /**
   * Whether it is compressed, where that was negotiated.
   * @default true
   */
  readonly compress?: boolean;
}

/** Throws `UsageError` `WS_INVALID_OPTION`. */
export function assertSource(source: unknown): asserts source is MessageSource {
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source || Symbol.iterator in source) {
      if (!types.isUint8Array(source)) return;
    }
  }
  throw new UsageError('WS_INVALID_OPTION', 'source must be a stream, or an iterable of pieces');
}

/** Throws `UsageError` `WS_INVALID_OPTION`. */
export function assertSendStreamOptions({ type, fragmentBytes }: SendStreamOptions): void {
  if (type !== undefined && type !== 'text' && type !== 'binary') {
    throw invalidOption('type', "'text' or 'binary'", type);
  }
  if (fragmentBytes === undefined) return;
  if (Number.isSafeInteger(fragmentBytes) && fragmentBytes >= 1) return;
  throw invalidOption('fragmentBytes', 'a whole number of 1 or more', fragmentBytes);
}

/**
 * One message on its way out in fragments (§5.4), from a source that is read no faster than the peer
 * reads. It has its place among the messages from the call on, and begins with its first piece.
 */
export class OutgoingStream {
  readonly #outbox: Outbox;
  readonly #fragmentBytes: number;
  readonly #compress: boolean;
  readonly #type: 'text' | 'binary' | undefined;
  #start: MessageStart | undefined;
  #begun = false;
  /** The first half of a surrogate pair, whose second half the next piece has. */
  #half = '';
  #turnBytes = 0;

  constructor(outbox: Outbox, options: SendStreamOptions, compresses: boolean) {
    this.#outbox = outbox;
    this.#fragmentBytes = options.fragmentBytes ?? 64 * 1024;
    this.#compress = compresses && options.compress !== false;
    this.#type = options.type;
  }

  /** Whether some of the message has been sent, so that it must be ended or the connection fail. */
  get begun(): boolean {
    return this.#begun;
  }

  async send(source: MessageSource): Promise<void> {
    const pieces = new SourceReader(source);
    try {
      await this.#outbox.begin((error) => pieces.end(error));
      await this.#sendPieces(pieces);
    } catch (error) {
      pieces.leave();
      throw error;
    }
  }

  async #sendPieces(pieces: SourceReader): Promise<void> {
    try {
      for (let step = await pieces.next(); !step.done; step = await pieces.next()) {
        await this.#piece(step.value);
        await this.#spend(HELD_OBJECT_BYTES);
      }
      await this.#endHalf();
      await this.#fragment(NO_BYTES, true);
    } catch (error) {
      this.#outbox.cancel();
      throw error;
    }
  }

  async #piece(piece: unknown): Promise<void> {
    if (typeof piece === 'string') {
      this.#start ??= this.#startOf('text');
      await this.#fragments(this.#encode(piece));
    } else if (types.isUint8Array(piece)) {
      this.#start ??= this.#startOf('binary');
      await this.#endHalf();
      await this.#fragments(piece);
    } else {
      throw unsupportedMessage(piece, 'a piece of the source is');
    }
  }

  #startOf(type: 'text' | 'binary'): MessageStart {
    return { text: (this.#type ?? type) === 'text', compressed: this.#compress };
  }

  #encode(piece: string): Uint8Array {
    const text = this.#half + piece;
    const last = text.charCodeAt(text.length - 1);
    const cut = last >= 0xd800 && last <= 0xdbff ? 1 : 0;
    this.#half = text.slice(text.length - cut);
    return Buffer.from(text.slice(0, text.length - cut));
  }

  /** No second half follows: it is sent as what a lone surrogate is, U+FFFD. */
  async #endHalf(): Promise<void> {
    const half = this.#half;
    this.#half = '';
    await this.#fragments(Buffer.from(half));
  }

  async #fragments(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.byteLength; start += this.#fragmentBytes) {
      await this.#fragment(bytes.subarray(start, start + this.#fragmentBytes), false);
    }
  }

  async #fragment(bytes: Uint8Array, fin: boolean): Promise<void> {
    this.#start ??= this.#startOf('binary');
    this.#begun = true;
    await this.#outbox.fragment(bytes, fin, this.#start);
    await this.#spend(bytes.byteLength);
  }

  /** Lets others have their turn: neither promises nor a fast peer would. */
  async #spend(bytes: number): Promise<void> {
    this.#turnBytes += bytes;
    if (this.#turnBytes < TURN_BYTES) return;
    this.#turnBytes = 0;
    await nextTurn();
  }
}

const NO_BYTES = Buffer.alloc(0);
