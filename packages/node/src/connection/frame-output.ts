import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Protocol } from '@heddle/core';
import { joinFrames } from './join-frames.ts';
import { isTcpSocket } from './tcp-socket.ts';

const socketWrite = Socket.prototype.write;
const NOTHING = Buffer.alloc(0);

/** Who waits for the kernel. */
export interface OutputListener {
  /** Whether anybody waits for `taken`. It is called in any case where the kernel did not take all at once. */
  readonly awaited: boolean;
  /** The kernel has not taken everything at once. */
  left(): void;
  /** The kernel has taken what was written. */
  taken(): void;
}

/** The frames of one turn gather in the protocol, and leave from here in one write. */
export class FrameOutput {
  readonly #transport: Duplex;
  readonly #protocol: Protocol;
  readonly #listener: OutputListener;
  readonly #isTcp: boolean;
  #inTurn = false;
  #scheduled = false;

  constructor(transport: Duplex, protocol: Protocol, listener: OutputListener) {
    this.#transport = transport;
    this.#isTcp = isTcpSocket(transport);
    this.#protocol = protocol;
    this.#listener = listener;
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
    // Who has put a `write` of his own in its place may be keeping what he is given.
    if (this.#isTcp && this.#transport.write === socketWrite) this.#writeToTcp(chunks);
    else this.#write(chunks, this.#written);
    if (this.#transport.writableLength > 0) this.#listener.left();
  }

  /**
   * A socket says at once whether the kernel has a copy of everything, which it nearly always has: then the
   * room of the frames is free again, and nobody need be called later, which costs as much as the write.
   */
  #writeToTcp(chunks: readonly Uint8Array[]): void {
    this.#write(chunks);
    if (this.#transport.writableLength > 0) {
      this.#transport.write(NOTHING, this.#written);
      return;
    }
    const last = chunks.at(-1);
    if (last !== undefined) this.#protocol.giveBack(last);
    if (this.#listener.awaited) process.nextTick(this.#written);
  }

  /** Corked, several chunks are one system call. */
  #write(chunks: readonly Uint8Array[], written?: (error?: Error | null) => void): void {
    const last = chunks.length - 1;
    if (last > 0) this.#transport.cork();
    for (let at = 0; at <= last; at++) {
      this.#transport.write(chunks[at], at === last ? written : undefined);
    }
    if (last > 0) this.#transport.uncork();
  }

  /** Writes what there is, and ends our half of the stream. */
  end(): void {
    this.flush();
    // Node makes an error for who ends twice, and then has nobody to tell.
    if (!this.#transport.writableEnded) this.#transport.end();
  }

  readonly #written = (error?: Error | null): void => {
    // Node 20 tells of no error to the write that a destroyed socket was at.
    if (!error && !this.#transport.destroyed) this.#listener.taken();
  };
}
