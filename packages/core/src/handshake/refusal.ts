/** A rule of the opening handshake that a peer can break. */
export interface Refusal {
  /** The HTTP status that a server answers with, or that the faulty answer to a client has. */
  readonly status: number;
  /**
   * Header fields that the answer needs. `Connection` is never among them: it belongs to whoever
   * writes the response, who must list `Upgrade` in it where that field is sent (RFC 9110 §7.8).
   */
  readonly headers: Readonly<Record<string, string>>;
  /** The text that states the rule. */
  readonly source: string;
  /** What to tell a human: what would be right. The error adds what came instead. */
  readonly message: string;
}

/** The rules about a client's request: a server finds them broken, and refuses. */
export const requestRefusals = {
  WS_HANDSHAKE_METHOD: {
    status: 405,
    headers: { Allow: 'GET' },
    source: 'RFC 6455 §4.1',
    message: 'A WebSocket handshake must be a GET request',
  },
  WS_HANDSHAKE_HTTP_VERSION: {
    status: 400,
    headers: {},
    source: 'RFC 6455 §4.2.1',
    message: 'A WebSocket handshake must use HTTP/1.1 or later',
  },
  WS_HANDSHAKE_HOST: {
    status: 400,
    headers: {},
    source: 'RFC 6455 §4.2.1',
    message: 'A WebSocket handshake must name the server in one Host header field',
  },
  WS_HANDSHAKE_UPGRADE: {
    status: 426,
    headers: { Upgrade: 'websocket' },
    source: 'RFC 6455 §4.2.1',
    message: 'A WebSocket handshake must list "websocket" in Upgrade',
  },
  WS_HANDSHAKE_CONNECTION: {
    status: 400,
    headers: {},
    source: 'RFC 6455 §4.2.1',
    message: 'A WebSocket handshake must list "Upgrade" in Connection',
  },
  WS_HANDSHAKE_BODY: {
    status: 400,
    headers: {},
    source: 'RFC 9110 §9.3.1',
    message: 'A WebSocket handshake must have no body',
  },
  WS_HANDSHAKE_VERSION_MISSING: {
    status: 400,
    headers: { 'Sec-WebSocket-Version': '13' },
    source: 'RFC 6455 §4.2.1',
    message: 'A WebSocket handshake must name its version in one Sec-WebSocket-Version of 13',
  },
  WS_HANDSHAKE_VERSION: {
    status: 426,
    headers: { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
    source: 'RFC 6455 §4.4',
    message: 'Version 13 of the WebSocket protocol is the only one spoken here',
  },
  WS_HANDSHAKE_KEY: {
    status: 400,
    headers: {},
    source: 'RFC 6455 §4.2.1',
    message: 'A WebSocket handshake must have one Sec-WebSocket-Key, 16 bytes in base64',
  },
  WS_HANDSHAKE_SUBPROTOCOLS: {
    status: 400,
    headers: {},
    source: 'RFC 6455 §4.1',
    message: 'Sec-WebSocket-Protocol must be a list of tokens, each of them once',
  },
  WS_HANDSHAKE_EXTENSIONS: {
    status: 400,
    headers: {},
    source: 'RFC 6455 §9.1',
    message: 'Sec-WebSocket-Extensions must be a list of extensions with their parameters',
  },
  WS_HANDSHAKE_ORIGIN: {
    status: 403,
    headers: {},
    source: 'RFC 6455 §10.2',
    message: 'Pages of this origin may not open a WebSocket here',
  },
} as const satisfies Record<string, Refusal>;

/** What a server cannot take, however right the request is. */
export const capacityRefusals = {
  WS_HANDSHAKE_ADDRESS: {
    status: 503,
    headers: { 'Retry-After': '5' },
    source: 'RFC 9110 §15.6.4',
    message: 'There are too many WebSockets from this address',
  },
} as const satisfies Record<string, Refusal>;

/**
 * The rules about a server's answer: a client finds them broken, and gives up the connection. The
 * answer's status is 101 in all of them but the first, which carries the one that came.
 */
export const answerRefusals = {
  WS_HANDSHAKE_REFUSED: {
    status: 0,
    headers: {},
    source: 'RFC 6455 §4.1',
    message: 'The server did not accept the WebSocket handshake',
  },
  WS_ANSWER_UPGRADE: {
    status: 101,
    headers: {},
    source: 'RFC 6455 §4.1',
    message: 'The answer to the handshake must have "websocket" as its Upgrade',
  },
  WS_ANSWER_CONNECTION: {
    status: 101,
    headers: {},
    source: 'RFC 6455 §4.1',
    message: 'The answer to the handshake must list "Upgrade" in Connection',
  },
  WS_ANSWER_ACCEPT: {
    status: 101,
    headers: {},
    source: 'RFC 6455 §4.1',
    message:
      'The answer to the handshake must prove with Sec-WebSocket-Accept that it read our key',
  },
  WS_ANSWER_HEADER_REPEATED: {
    status: 101,
    headers: {},
    source: 'RFC 6455 §11.3',
    message: 'The answer to the handshake repeats a header field that must appear only once',
  },
  WS_ANSWER_EXTENSIONS: {
    status: 101,
    headers: {},
    source: 'RFC 6455 §9.1',
    message:
      'Sec-WebSocket-Extensions in the answer must be a list of extensions, each of them once',
  },
  WS_ANSWER_EXTENSION_NOT_OFFERED: {
    status: 101,
    headers: {},
    source: 'RFC 6455 §4.1',
    message: 'The server chose an extension that we did not offer',
  },
  WS_ANSWER_EXTENSION_UNUSABLE: {
    status: 101,
    headers: {},
    source: 'RFC 6455 §9.1',
    message: 'The server chose an extension in a way that none of our offers allows',
  },
  WS_ANSWER_SUBPROTOCOL: {
    status: 101,
    headers: {},
    source: 'RFC 6455 §4.1',
    message: 'The server chose a subprotocol that we did not offer',
  },
} as const satisfies Record<string, Refusal>;

/** Every reason for which the opening handshake fails. */
export const refusals = { ...requestRefusals, ...capacityRefusals, ...answerRefusals };

export type RequestRefusalCode = keyof typeof requestRefusals;
export type AnswerRefusalCode = keyof typeof answerRefusals;
export type CapacityRefusalCode = keyof typeof capacityRefusals;
export type RefusalCode = RequestRefusalCode | CapacityRefusalCode | AnswerRefusalCode;
