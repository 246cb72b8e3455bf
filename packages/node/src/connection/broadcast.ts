import type { AnyConnection } from './connection.ts';
import { PreparedMessage, prepare } from './prepared-message.ts';

/**
 * Sends `message` to every socket that is open: framed once, and compressed once for each form in
 * which they do. What is broadcast in one turn leaves in one write for each. Those with more than
 * their limit waiting fall under their `slowConsumer` policy, and delay nobody.
 *
 * Returns how many of them took it without a wait: the others are above their `highWaterMarkBytes`, or
 * it was dropped. Throws `UsageError` `WS_UNSUPPORTED_MESSAGE`.
 */
export function broadcast(
  sockets: Iterable<AnyConnection>,
  message: string | Uint8Array | PreparedMessage,
): number {
  const prepared = message instanceof PreparedMessage ? message : prepare(message);
  let taken = 0;
  for (const socket of sockets) {
    if (socket.state === 'open' && socket.send(prepared)) taken++;
  }
  return taken;
}
