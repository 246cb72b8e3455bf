/** A mistake of the application: what a `UsageError` is thrown for. */
export interface Misuse {
  /** What to tell the developer; the error adds what was given. */
  readonly message: string;
}

/** Every mistake of our caller that we can name. */
export const misuses = {
  WS_INVALID_OPTION: { message: 'Invalid option' },
  WS_SEND_AFTER_CLOSE: { message: 'The connection was closed by this side; nothing can be sent' },
  WS_UNSUPPORTED_MESSAGE: { message: 'A message must be a string or bytes' },
  WS_INVALID_CLOSE_CODE: {
    message: 'A close code must be 1000–1003, 1007–1014 or 3000–4999',
  },
  WS_CLOSE_REASON_TOO_LONG: { message: 'A close reason takes at most 123 bytes of UTF-8' },
  WS_CONTROL_PAYLOAD_TOO_BIG: { message: 'A ping or pong carries at most 125 bytes' },
  WS_FRAGMENT_OUT_OF_ORDER: {
    message:
      'A message can start only when the fragmented one has ended, and go on only when begun',
  },
  WS_INVALID_REPLY: { message: 'The reply does not have the form that the route promises' },
  WS_ALREADY_CONSUMED: {
    message: 'The messages go to a listener or to one iterator, not to both and not to two',
  },
  WS_NOT_AN_UPGRADE: {
    message: 'The request is not a WebSocket handshake, or it has been answered',
  },
  WS_INVALID_REGISTRATION: { message: 'The adapter cannot be registered here' },
  WS_INVALID_ROUTE: { message: 'A WebSocket route cannot be declared like this' },
} as const satisfies Record<string, Misuse>;

export type MisuseCode = keyof typeof misuses;
