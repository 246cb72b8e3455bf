import { assertClosePayload } from './close-frame.ts';
import { heldBytes } from './limits.ts';
import { Opcode } from './opcode.ts';
import type { Primitives } from './primitives.ts';

/** Puts the payload data of control frames together: TCP may cut them, though nobody may fragment them (§5.5). */
export class ControlReader {
  readonly #primitives: Primitives;
  #payload: Uint8Array | undefined;

  constructor(primitives: Primitives) {
    this.#primitives = primitives;
  }

  /** Bytes held of the frame in progress. */
  get retainedBytes(): number {
    return heldBytes(this.#payload);
  }

  /**
   * Takes a piece of a frame's payload data, of which `bytesLeft` are still to come. Returns the whole
   * when it is the last. Throws `ProtocolError` at the piece that makes a close frame invalid.
   */
  take(opcode: Opcode, piece: Uint8Array, bytesLeft: number): Uint8Array | undefined {
    this.#payload ??= this.#primitives.allocate(piece.byteLength + bytesLeft);
    const payload = this.#payload;
    const received = payload.byteLength - bytesLeft;
    payload.set(piece, received - piece.byteLength);
    if (opcode === Opcode.Close) assertClosePayload(payload, received);
    if (bytesLeft > 0) return undefined;
    this.#payload = undefined;
    return payload;
  }

  /** Forgets the frame in progress. */
  discard(): void {
    this.#payload = undefined;
  }
}
