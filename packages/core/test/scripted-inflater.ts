import { ProtocolError } from '../src/errors.ts';
import type { Inflater } from '../src/extensions/inflater.ts';

/**
 * An inflater of a made-up compression: each byte stands for `factor` of itself, and `ff` is invalid.
 * It gives at most `pieceBytes` at a time, and after `readyPulls` pulls nothing until `wait` is set
 * anew: what an inflater may do, without DEFLATE. All pieces are the same memory, one after the other.
 */
export class ScriptedInflater implements Inflater {
  readonly factor: number;
  readonly pieceBytes: number;
  /** How many pulls give something before the next gives `undefined`. */
  readyPulls: number;
  retainedBytes = 0;
  closed = false;
  readonly lasts: boolean[] = [];
  #waiting: number[] = [];
  readonly #memory: Uint8Array;

  constructor({ factor = 1, pieceBytes = 4, readyPulls = Number.POSITIVE_INFINITY } = {}) {
    this.factor = factor;
    this.pieceBytes = pieceBytes;
    this.readyPulls = readyPulls;
    this.#memory = new Uint8Array(pieceBytes);
  }

  get drained(): boolean {
    return this.#waiting.length === 0;
  }

  push(bytes: Uint8Array, last: boolean): void {
    if (this.closed || !this.drained) throw new Error('pushed out of turn');
    this.lasts.push(last);
    this.#waiting = [...bytes].flatMap((byte) => Array<number>(this.factor).fill(byte));
  }

  pull(): Uint8Array | undefined {
    if (this.closed) throw new Error('pulled after close');
    if (this.readyPulls-- <= 0) return undefined;
    const piece = this.#waiting.splice(0, this.pieceBytes);
    if (piece.includes(0xff)) throw new ProtocolError('WS_DEFLATE_INVALID');
    this.#memory.set(piece);
    return this.#memory.subarray(0, piece.length);
  }

  close(): void {
    this.closed = true;
  }
}

/** What has to be negotiated for RSV1 to mean something. */
export const rsv1 = [{ name: 'permessage-deflate', rsv: 4 }] as const;
