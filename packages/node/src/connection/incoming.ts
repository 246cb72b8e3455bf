import { ClosedError, type Message } from '@heddle/core';
import { Deferred } from '../deferred.ts';
import { PieceQueue } from './piece-queue.ts';
import { StreamedMessage } from './streamed-message.ts';

/** What streaming needs of its connection. */
export interface IncomingHost {
  /** A message that came before anybody streamed, if one is left. */
  takeHeld(): Message | undefined;
  /** Nothing more may come for now, not even of what was read. */
  hold(): void;
  /** `readingWanted` may have changed. */
  flowChanged(): void;
  /** Messages are to come in pieces from here on, the one that is arriving too. */
  stream(): void;
  /** The loop was left: messages are put together again, and wait for the next consumer. */
  left(): void;
  /** Fails the connection for a message of more than `maxBytes`. */
  tooBig(maxBytes: number): Error;
}

type Step = IteratorResult<StreamedMessage, undefined>;

/**
 * The messages of a connection as streams, one after the other: each is handed out when it begins,
 * and the next is not begun before somebody asks for it. What is left of one is passed over then.
 */
export class Incoming {
  readonly #host: IncomingHost;
  /** The message that is arriving, and its queue; handed out or not. */
  #arriving: PieceQueue | undefined;
  /** The one that is arriving and was not asked for yet. */
  #begun: StreamedMessage | undefined;
  /** What was handed out last. */
  #handed: PieceQueue | undefined;
  #asked: Deferred<Step>[] = [];
  #streaming = false;
  #left = false;
  #ended = false;

  constructor(host: IncomingHost) {
    this.#host = host;
  }

  /** Bytes that wait to be read. */
  get bytes(): number {
    const handed = this.#handed === this.#arriving ? 0 : (this.#handed?.bytes ?? 0);
    return handed + (this.#arriving?.bytes ?? 0);
  }

  /** Whether the peer may go on. */
  get readingWanted(): boolean {
    return this.#begun === undefined && this.#arriving?.full !== true;
  }

  messageStart(text: boolean): void {
    const pieces = new PieceQueue(() => this.#host.flowChanged());
    this.#arriving = pieces;
    const message = this.#stream(text, pieces);
    const asked = this.#asked.shift();
    if (asked === undefined) {
      this.#begun = message;
      this.#host.hold();
    } else {
      this.#handed = pieces;
      asked.resolve({ value: message, done: false });
    }
  }

  messagePiece(piece: Buffer): void {
    this.#arriving?.push(piece);
    if (!this.readingWanted) this.#host.hold();
  }

  messageEnd(): void {
    this.#arriving?.end();
    this.#arriving = undefined;
  }

  /** The connection has ended, because of `cause`. What has come whole can still be read. */
  end(cause: unknown): void {
    this.#ended = true;
    this.#arriving?.fail(new ClosedError(cause));
    this.#begun = undefined;
    for (const asked of this.#asked.splice(0)) asked.resolve(DONE);
  }

  /** Nobody gets what is still to come: the connection is being closed by us. */
  discard(): void {
    this.#begun = undefined;
    this.#arriving?.fail(new ClosedError());
    this.#arriving = undefined;
  }

  iterate(): AsyncIterableIterator<StreamedMessage, undefined> {
    const iteration: AsyncIterableIterator<StreamedMessage, undefined> = {
      next: async () => await this.#next(),
      return: async () => {
        this.#leave();
        return DONE;
      },
      [Symbol.asyncIterator]: () => iteration,
    };
    return iteration;
  }

  #next(): Step | Promise<Step> {
    if (this.#left) return DONE;
    this.#passOver();
    const held = this.#host.takeHeld();
    if (held !== undefined) return { value: this.#whole(held), done: false };
    const begun = this.#begun;
    if (begun !== undefined) {
      this.#begun = undefined;
      this.#handed = this.#arriving;
      this.#host.flowChanged();
      return { value: begun, done: false };
    }
    if (this.#ended) return DONE;
    const asked = new Deferred<Step>();
    this.#asked.push(asked);
    // Not before somebody has asked: until then the next consumer could be another one.
    if (!this.#streaming) {
      this.#streaming = true;
      this.#host.stream();
    }
    return asked.promise;
  }

  /** What is left of the last message is dropped, unless somebody is reading it. */
  #passOver(): void {
    this.#handed?.skip();
    this.#host.flowChanged();
  }

  #leave(): void {
    if (this.#left) return;
    this.#left = true;
    // Of a message that nobody was given nothing has been passed on: the next consumer gets it whole.
    if (this.#begun !== undefined) this.#arriving = undefined;
    this.#begun = undefined;
    for (const asked of this.#asked.splice(0)) asked.resolve(DONE);
    this.#passOver();
    this.#host.left();
  }

  #whole(message: Message): StreamedMessage {
    const pieces = new PieceQueue(() => {});
    // Of a message that was put together the bytes are the application's.
    const bytes = Buffer.from(message as Uint8Array | string);
    if (bytes.byteLength > 0) pieces.push(bytes);
    pieces.end();
    this.#handed = pieces;
    return this.#stream(typeof message === 'string', pieces);
  }

  #stream(text: boolean, pieces: PieceQueue): StreamedMessage {
    const type = text ? 'text' : 'binary';
    return new StreamedMessage(type, pieces, (maxBytes) => this.#host.tooBig(maxBytes));
  }
}

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };
