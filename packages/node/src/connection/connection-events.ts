import type { CloseInfo } from './close-record.ts';

/** What a connection emits, beside what `EventEmitter` does itself. */
export interface ConnectionEvents<In> {
  /** A whole message: a string for text, a `Buffer` for binary, or what `schema.message` makes of it. */
  message: [message: In];
  /** The transport is gone; `error` says why, unless the closing handshake was done. */
  close: [info: CloseInfo];
  /** The connection failed; also in `CloseInfo`. Never emitted without a listener. */
  error: [error: Error];
  /** A ping; the answer to it is on its way. The payload is a copy. */
  ping: [payload: Buffer];
  pong: [payload: Buffer];
  /** The kernel has taken everything, after `send` had returned `false`. */
  drain: [];
}
