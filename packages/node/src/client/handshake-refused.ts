import { HandshakeError } from '@heddle/core';

/** How much of a refusal's body is kept, in bytes. */
export const MAX_REFUSAL_BYTES = 4_096;

/** The server answered the handshake with another status than 101. Redirects are not followed. */
export class HandshakeRefusedError extends HandshakeError {
  /** What the server says about it: the first 4 KiB of the response's body, decoded by nobody. */
  readonly body: Buffer;

  constructor({ status, headers }: HandshakeError, body: Buffer) {
    super('WS_HANDSHAKE_REFUSED', `it answered ${status}`, { status, headers });
    this.body = body.subarray(0, MAX_REFUSAL_BYTES);
  }
}
