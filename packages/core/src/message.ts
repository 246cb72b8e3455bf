import { UsageError } from './errors.ts';
import { Opcode } from './opcode.ts';

/** Text is a string, binary is bytes (§5.6). */
export type Message = string | Uint8Array;

/**
 * The opcode of a message's first frame, by the JavaScript type of `message`.
 *
 * Throws `UsageError` `WS_UNSUPPORTED_MESSAGE` where that is neither of the two.
 */
export function messageOpcode(message: Message): Opcode {
  if (typeof message === 'string') return Opcode.Text;
  if (message instanceof Uint8Array || isForeignUint8Array(message)) return Opcode.Binary;
  const kind = message === null ? 'null' : typeof message;
  throw new UsageError('WS_UNSUPPORTED_MESSAGE', `not ${kind}`);
}

/** Bytes of another realm, as test runners and `node:vm` make them, are no `Uint8Array` of ours. */
function isForeignUint8Array(message: unknown): boolean {
  return Object.prototype.toString.call(message) === '[object Uint8Array]';
}
