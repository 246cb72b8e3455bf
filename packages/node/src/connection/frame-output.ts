import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Protocol } from '@heddle/core';
import { joinFrames } from './join-frames.ts';
import { sharedSlab } from './native-primitives.ts';
import { isTcpSocket } from './tcp-socket.ts';

const socketWrite = Socket.prototype.write;

/** The frames of one turn gather in the protocol, and leave from here in one write. */
export class FrameOutput {
  readonly #transport: Duplex;
  readonly #protocol: Protocol;
  readonly #taken: () => void;
  /** Whether what the transport has written is copied by then: a stream in memory passes it on. */
  readonly #copies: boolean;
  #inTurn = false;
  #scheduled = false;

  /** `taken` is called when the kernel has taken a write. */
  constructor(transport: Duplex, protocol: Protocol, taken: () => void) {
    this.#transport = transport;
    this.#copies = isTcpSocket(transport);
    this.#protocol = protocol;
    this.#taken = taken;
  }

  /** Bytes of frames that the kernel has not taken. */
  get byteLength(): number {
    return this.#protocol.outputBytes + this.#transport.writableLength;
  }

  /** There is output: it leaves when the turn ends. */
  schedule(): void {
    if (this.#inTurn || this.#scheduled) return;
    this.#scheduled = true;
    process.nextTick(() => this.flush());
  }

  /** What gathers until `endTurn` leaves in one write then. */
  beginTurn(): void {
    this.#inTurn = true;
  }

  endTurn(): void {
    this.#inTurn = false;
    this.flush();
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#protocol.outputBytes === 0) return;
    const chunks = joinFrames(this.#protocol.takeOutput());
    if (!this.#transport.writable) return;
    const last = chunks.pop();
    // Corked, several chunks are one system call.
    if (chunks.length > 0) this.#transport.cork();
    for (const chunk of chunks) this.#transport.write(chunk);
    this.#transport.write(last, this.#written);
    if (chunks.length > 0) this.#transport.uncork();
    if (last !== undefined && this.#kernelHasAll) sharedSlab.giveBack(last);
  }

  /** Whether what was written has been copied: then it is room for the next frames. */
  get #kernelHasAll(): boolean {
    const transport = this.#transport;
    // Who has put a `write` of his own in its place may be keeping what it was given.
    return this.#copies && transport.writableLength === 0 && transport.write === socketWrite;
  }

  /** Writes what there is, and ends our half of the stream. */
  end(): void {
    this.flush();
    this.#transport.end();
  }

  readonly #written = (error?: Error | null): void => {
    // Node 20 tells of no error to the write that a destroyed socket was at.
    if (!error && !this.#transport.destroyed) this.#taken();
  };
}
