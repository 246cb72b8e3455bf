/**
 * The name of what `wire.ts` describes, with its version. The page offers it in the handshake, so
 * that a later server can tell which language an old page speaks.
 */
export const SUBPROTOCOL = 'heddle-broadcast.v1';
