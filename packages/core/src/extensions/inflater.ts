/**
 * Decompresses the messages of one connection, RFC 7692 §7.2.2, one after the other and piece by
 * piece. DEFLATE itself is the runtime's: core only says what belongs to which message.
 */
export interface Inflater {
  /**
   * Takes in the next piece of a message's payload data; what was pushed before has been pulled to
   * its end. The bytes must not change until this one has been. With `last` the message ends here:
   * the implementation appends `DEFLATE_TAIL`, and forgets the window where there is no takeover.
   */
  push(bytes: Uint8Array, last: boolean): void;
  /**
   * The next inflated bytes, maybe none, valid until the next call of `push` or `pull`. `undefined`
   * if there are none yet: `Protocol.resume` is to be called once there are.
   *
   * Throws `ProtocolError` `WS_DEFLATE_INVALID` for what is not DEFLATE data.
   */
  pull(): Uint8Array | undefined;
  /** Whether all that was pushed has been pulled. */
  readonly drained: boolean;
  /** Bytes of memory that are held at the moment. */
  readonly retainedBytes: number;
  /** Frees all that is held. Nothing is called after it. */
  close(): void;
}

/**
 * The end of an empty stored block: each compressed message is sent without it (RFC 7692 §7.2.1),
 * and gets it back before it is decompressed (§7.2.2).
 */
export const DEFLATE_TAIL: Uint8Array = Uint8Array.of(0x00, 0x00, 0xff, 0xff);
