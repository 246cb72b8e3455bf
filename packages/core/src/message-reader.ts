import type { BlockPool } from './block-pool.ts';
import { ProtocolError } from './errors.ts';
import type { Inflater } from './extensions/inflater.ts';
import { HELD_OBJECT_BYTES } from './limits.ts';
import type { Message } from './message.ts';
import { MessageAssembler } from './message-assembler.ts';
import type { Primitives } from './primitives.ts';
import type { ProtocolSink } from './protocol-sink.ts';

/** Who gets the messages: whole ones, or those that are streamed piece by piece. */
export type MessageSink = Pick<
  ProtocolSink,
  'message' | 'messageStart' | 'messagePiece' | 'messageEnd'
>;

export interface MessageReaderOptions {
  readonly primitives: Primitives;
  readonly blocks: BlockPool;
  readonly maxMessageBytes: number;
  /** Where permessage-deflate was negotiated. */
  readonly inflater: Inflater | undefined;
}

/**
 * Makes messages of the payload data of data frames: inflates those that are compressed (RFC 7692
 * §7.2.2), and either puts a message together or passes its pieces on as they come.
 *
 * Inflating may stop in between, because the runtime does it elsewhere or because the sink wants no
 * more: then this is `suspended`, and takes nothing until `resume` has got to the end of what came.
 */
export class MessageReader {
  readonly #assembler: MessageAssembler;
  readonly #primitives: Primitives;
  readonly #maxMessageBytes: number;
  readonly #inflater: Inflater | undefined;
  readonly #sink: MessageSink;
  /** Whether messages that begin from now on are streamed. */
  #streaming = false;
  #begun = false;
  #text = false;
  /** The inflater of the message in progress, if that is compressed. */
  #inflating: Inflater | undefined;
  /** Whether the bytes that are taken must not be kept. */
  lent = false;
  #streamed = false;
  /** Whether nothing has come of the message in progress. */
  #fresh = true;
  /** Whether its last piece has come. */
  #ended = false;
  #inflatedBytes = 0;
  #paused = false;
  #muted = false;

  constructor(options: MessageReaderOptions, sink: MessageSink) {
    const { primitives, blocks, maxMessageBytes, inflater } = options;
    this.#assembler = new MessageAssembler(primitives, blocks, maxMessageBytes);
    this.#primitives = primitives;
    this.#maxMessageBytes = maxMessageBytes;
    this.#inflater = inflater;
    this.#sink = sink;
  }

  /** Bytes held for the message in progress, and for inflating. */
  get retainedBytes(): number {
    const inflaterBytes = this.#inflater?.retainedBytes ?? 0;
    return (
      this.#assembler.retainedBytes + (inflaterBytes === 0 ? 0 : inflaterBytes + HELD_OBJECT_BYTES)
    );
  }

  /** Whether some of what was taken is still to be inflated. */
  get suspended(): boolean {
    return this.#inflating !== undefined && !this.#inflating.drained;
  }

  /** Whether what is inflated is to wait. */
  set paused(paused: boolean) {
    this.#paused = paused;
  }

  /**
   * Has messages streamed, or put together. One in progress is streamed from here on, with what has
   * come of it as its first piece; one that is streamed stays so to its end.
   */
  set streaming(streaming: boolean) {
    this.#streaming = streaming;
    if (!streaming || !this.#begun || this.#streamed) return;
    this.#streamed = true;
    this.#start(this.#text);
    const part = this.#assembler.takePart();
    if (part === undefined) return;
    this.#fresh = false;
    this.#piece(part);
  }

  /**
   * Has the streamed message in progress put together after all, as if the sink had never heard of it.
   * Nothing of it may have been passed on.
   */
  putTogether(): void {
    this.#streamed &&= !this.#fresh;
  }

  /** Begins a message; the one before has ended. */
  begin(text: boolean, compressed: boolean): void {
    this.#assembler.begin(text);
    this.#begun = true;
    this.#text = text;
    this.#inflating = compressed ? this.#inflater : undefined;
    this.#inflatedBytes = 0;
    this.#fresh = true;
    this.#ended = false;
    this.#streamed = this.#streaming;
    if (this.#streamed) this.#start(text);
  }

  /**
   * Takes `bytes[start…end)` of the message in progress; `ended` if it ends there. `frameBytesLeft`
   * is how much of the frame is to come from `start` on. Throws `ProtocolError`.
   */
  take(
    bytes: Uint8Array,
    start: number,
    end: number,
    frameBytesLeft: number,
    ended: boolean,
  ): void {
    this.#ended = ended;
    if (this.#inflating !== undefined) {
      this.#inflating.push(this.own(bytes, start, end), ended);
      this.#inflate(this.#inflating);
    } else if (this.#streamed) {
      this.#pass(bytes, start, end, this.lent);
      if (ended) this.#finish();
    } else if (this.#fresh && ended) {
      // The common case: a message in one frame, whole in one read.
      this.#report(this.#assembler.whole(bytes, start, end, this.lent));
    } else {
      this.#fresh = false;
      this.#assembler.append(bytes, start, end, frameBytesLeft);
      if (ended) this.#finish();
    }
  }

  /** `bytes[start…end)`, for as long as it takes. */
  own(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return this.lent ? this.#primitives.copy(bytes, start, end) : bytes.subarray(start, end);
  }

  /** Goes on inflating where it stopped. Throws `ProtocolError`. */
  resume(): void {
    if (this.suspended && this.#inflating !== undefined) this.#inflate(this.#inflating);
  }

  /** Nobody waits for messages any more: the sink is told of none, but they are judged as before. */
  mute(): void {
    this.#muted = true;
  }

  /** Forgets the message in progress. Nothing is taken after it. */
  close(): void {
    this.mute();
    this.#assembler.discard();
    this.#inflating = undefined;
    this.#begun = false;
    this.#inflater?.close();
  }

  #inflate(inflater: Inflater): void {
    while (!inflater.drained) {
      if (this.#paused) return;
      const piece = inflater.pull();
      if (piece === undefined) return;
      this.#takeInflated(piece, inflater.drained && this.#ended);
      // The sink may have ended the connection.
      if (this.#inflating !== inflater) return;
    }
    if (this.#ended && this.#begun) this.#finish();
  }

  /** Takes inflated bytes, which are the inflater's: they must be copied. */
  #takeInflated(piece: Uint8Array, last: boolean): void {
    const { byteLength } = piece;
    this.#inflatedBytes += byteLength;
    if (this.#inflatedBytes > this.#maxMessageBytes) {
      throw new ProtocolError('WS_MESSAGE_TOO_BIG', `limit ${this.#maxMessageBytes} bytes`);
    }
    if (this.#streamed) {
      this.#pass(piece, 0, byteLength, true);
    } else if (this.#fresh && last && this.#text) {
      this.#report(this.#assembler.whole(piece, 0, byteLength, true));
    } else {
      this.#fresh = false;
      this.#assembler.append(piece, 0, byteLength, byteLength);
    }
  }

  /** Passes on a piece of a streamed message, as bytes that belong to the sink. */
  #pass(bytes: Uint8Array, start: number, end: number, borrowed: boolean): void {
    if (start === end) return;
    this.#fresh = false;
    if (this.#text) this.#assembler.validate(bytes, start, end);
    this.#piece(this.#assembler.own(bytes, start, end, borrowed));
  }

  #start(text: boolean): void {
    if (!this.#muted) this.#sink.messageStart?.(text);
  }

  #piece(piece: Uint8Array): void {
    if (!this.#muted) this.#sink.messagePiece?.(piece);
  }

  #finish(): void {
    if (this.#streamed) {
      this.#assembler.assertWhole();
      this.#begun = false;
      if (!this.#muted) this.#sink.messageEnd?.();
    } else {
      this.#report(this.#assembler.finish());
    }
  }

  #report(message: Message): void {
    this.#begun = false;
    if (!this.#muted) this.#sink.message(message);
  }
}
