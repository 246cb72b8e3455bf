import { hash } from 'node:crypto';

/** The one hash that the handshake needs (§4.2.2). */
export function sha1(ascii: string): Uint8Array {
  return hash('sha1', ascii, 'buffer');
}
