import { ClosedError, type Message, ProtocolError } from '@heddle/core';
import { Deferred } from '../deferred.ts';
import type { InboxSource } from './inbox-source.ts';
import { PieceQueue } from './piece-queue.ts';
import { StreamedMessage } from './streamed-message.ts';

/** What streaming needs of the inbox that it belongs to. */
export interface IncomingHost {
  /** Whether nothing may be handed out for now. */
  withheld(): boolean;
  /** A message that came before anybody streamed, if one is left. */
  takeHeld(): Message | undefined;
  /** The loop was left: messages wait for the next consumer. */
  left(): void;
}

type Loop = AsyncIterableIterator<StreamedMessage, undefined>;
type Step = IteratorResult<StreamedMessage, undefined>;

/**
 * The messages of a connection as streams, one after the other: each is handed out when it begins,
 * and the next is not begun before somebody asks for it. What is left of one is passed over then,
 * unless somebody is reading it: he may go on, even when the loop was left.
 */
export class Incoming {
  readonly #source: InboxSource;
  readonly #host: IncomingHost;
  readonly #fullBytes: number;
  /** The loop at work. */
  #loop: Loop | undefined;
  /** Whether messages come in pieces. */
  #streaming = false;
  /** Its calls of `next` that wait for a message. */
  #asked: Deferred<Step>[] = [];
  /** The pieces of the message that is arriving, handed out or not. */
  #arriving: PieceQueue | undefined;
  /** The one that is arriving and was not asked for yet. */
  #begun: StreamedMessage | undefined;
  /** The pieces of what was handed out last. */
  #handed: PieceQueue | undefined;
  /** Who waits for the end of what is arriving. */
  #streamed: (() => void) | undefined;
  #bytes = 0;
  #ended = false;

  /** From `fullBytes` that wait on, no more are read from the peer. */
  constructor(source: InboxSource, host: IncomingHost, fullBytes: number) {
    this.#source = source;
    this.#host = host;
    this.#fullBytes = fullBytes;
  }

  /** Bytes that wait to be read, of all messages that arrived in pieces. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there is a loop that takes the messages. */
  get active(): boolean {
    return this.#loop !== undefined;
  }

  /** Whether the peer may go on. */
  get readingWanted(): boolean {
    return this.#begun === undefined && !this.#isFull();
  }

  messageStart(text: boolean): void {
    this.#arriving = new PieceQueue((bytes) => this.#heldChanged(bytes));
    this.#begun = this.#messageOf(text, this.#arriving);
    this.answer();
    if (this.#begun !== undefined) this.#source.hold();
  }

  messagePiece(piece: Buffer): void {
    this.#arriving?.push(piece);
    if (!this.readingWanted) this.#source.hold();
  }

  messageEnd(): void {
    this.#arriving?.end();
    this.#arriving = undefined;
    this.#streamed?.();
  }

  /** Calls `streamed` when what is arriving has come whole; at once if nothing is that anybody was given. */
  whenStreamed(streamed: () => void): void {
    if (this.#arriving === undefined || this.#begun !== undefined) streamed();
    else this.#streamed = streamed;
  }

  /** The connection has ended, because of `cause`. What has come whole can still be read. */
  end(cause: unknown): void {
    this.#ended = true;
    this.discard(cause);
    this.answer();
  }

  /** Nobody gets what is still to come: the connection is being closed by us. */
  discard(cause?: unknown): void {
    this.#begun = undefined;
    this.#streamed = undefined;
    this.#arriving?.fail(new ClosedError(cause));
    this.#arriving = undefined;
  }

  iterate(): Loop {
    const loop: Loop = {
      next: async () => await this.#next(loop),
      return: async () => {
        this.#leave(loop);
        return DONE;
      },
      [Symbol.asyncIterator]: () => loop,
    };
    this.#loop = loop;
    return loop;
  }

  /** Hands out what there is to those who have asked. */
  answer(): void {
    while (this.#asked.length > 0 && !this.#host.withheld()) {
      const message = this.#take();
      if (message === undefined) break;
      this.#asked.shift()?.resolve({ value: message, done: false });
    }
    if (this.#asked.length === 0 || this.#host.withheld()) return;
    if (this.#ended) this.#endLoop();
    // Not before somebody has asked: until then the next consumer could be another one.
    else if (!this.#streaming) {
      this.#streaming = true;
      this.#source.streaming = true;
    }
  }

  #next(loop: Loop): Step | Promise<Step> {
    if (this.#loop !== loop) return DONE;
    // What is left of the last message is passed over.
    this.#handed?.skip();
    const asked = new Deferred<Step>();
    this.#asked.push(asked);
    this.answer();
    this.#source.applyFlow();
    return asked.promise;
  }

  #leave(loop: Loop): void {
    if (this.#loop !== loop) return;
    this.#handed?.skip();
    this.#endLoop();
  }

  #endLoop(): void {
    this.#loop = undefined;
    this.#handed = undefined;
    this.#streaming = false;
    if (this.#begun !== undefined) {
      this.#begun = undefined;
      this.#arriving = undefined;
      this.#source.putTogether();
    }
    for (const asked of this.#asked.splice(0)) asked.resolve(DONE);
    this.#host.left();
    this.#source.streaming = false;
    this.#source.applyFlow();
  }

  #take(): StreamedMessage | undefined {
    const held = this.#host.takeHeld();
    if (held !== undefined) return this.#whole(held);
    const begun = this.#begun;
    if (begun === undefined) return undefined;
    this.#begun = undefined;
    this.#handed = this.#arriving;
    return begun;
  }

  #whole(message: Message): StreamedMessage {
    // The bytes of a message that was put together are the application's from here on.
    const pieces = new PieceQueue(() => {});
    const text = typeof message === 'string';
    const bytes = text ? Buffer.from(message) : (message as Buffer);
    if (bytes.byteLength > 0) pieces.push(bytes);
    pieces.end();
    this.#handed = pieces;
    return this.#messageOf(text, pieces);
  }

  #messageOf(text: boolean, pieces: PieceQueue): StreamedMessage {
    const type = text ? 'text' : 'binary';
    return new StreamedMessage(type, pieces, (maxBytes) => this.#refuse(maxBytes));
  }

  /** A message came of more than `maxBytes`, and its reader takes no more; returns what to tell him. */
  #refuse(maxBytes: number): Error {
    const error = new ProtocolError('WS_MESSAGE_TOO_BIG', `limit ${maxBytes} bytes`);
    this.#source.failConnection(error);
    return new ClosedError(error);
  }

  #isFull(): boolean {
    return this.#bytes >= this.#fullBytes;
  }

  #heldChanged(bytes: number): void {
    const wasFull = this.#isFull();
    this.#bytes += bytes;
    if (wasFull && !this.#isFull()) this.#source.applyFlow();
  }
}

const DONE: IteratorReturnResult<undefined> = { value: undefined, done: true };
