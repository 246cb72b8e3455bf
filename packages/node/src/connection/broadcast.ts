import type { AnyConnection } from './connection.ts';
import { PreparedMessage, prepare } from './prepared-message.ts';

/**
 * Sends `message` to every socket that is open: framed once, and compressed once for each form in
 * which they do. What is broadcast in one turn leaves in one write for each. Those with more than
 * their limit waiting fall under their `slowConsumer` policy, and delay nobody.
 *
 * Returns how many of them took it without a wait: the others are above their `highWaterMarkBytes`, or
 * it was dropped. Throws `UsageError` `WS_UNSUPPORTED_MESSAGE`; and the first of what the `coalesce` of
 * sockets throws, when all others have been sent it.
 */
export function broadcast(
  sockets: Iterable<AnyConnection>,
  message: string | Uint8Array | PreparedMessage,
): number {
  const prepared = message instanceof PreparedMessage ? message : prepare(message);
  let taken = 0;
  let failure: { readonly error: unknown } | undefined;
  for (const socket of sockets) {
    try {
      if (socket.state === 'open' && socket.send(prepared)) taken++;
    } catch (error) {
      // Of the application's `coalesce`: what one socket makes of the message is nothing to the others.
      failure ??= { error };
    }
  }
  if (failure !== undefined) throw failure.error;
  return taken;
}
