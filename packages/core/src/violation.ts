import { CloseCode } from './close-code.ts';

/** A rule that a peer can break once the connection is open. */
export interface Violation {
  /** The status code that the connection fails with (§7.1.7, §7.4.1). */
  readonly closeCode: number;
  /** The text that states the rule. */
  readonly source: string;
  /** What to tell a human. */
  readonly message: string;
}

/** The rules about the peer's bytes themselves: `Protocol` finds them broken. */
export const frameViolations = {
  WS_RESERVED_BITS: {
    closeCode: CloseCode.ProtocolError,
    source: 'RFC 6455 §5.2',
    message: 'A frame sets a reserved bit that no negotiated extension defines',
  },
  WS_RESERVED_OPCODE: {
    closeCode: CloseCode.ProtocolError,
    source: 'RFC 6455 §5.2',
    message: 'A frame has a reserved opcode',
  },
  WS_FRAME_NOT_MASKED: {
    closeCode: CloseCode.ProtocolError,
    source: 'RFC 6455 §5.1',
    message: 'A frame from the client is not masked',
  },
  WS_FRAME_MASKED: {
    closeCode: CloseCode.ProtocolError,
    source: 'RFC 6455 §5.1',
    message: 'A frame from the server is masked',
  },
  WS_LENGTH_NOT_MINIMAL: {
    closeCode: CloseCode.ProtocolError,
    source: 'RFC 6455 §5.2',
    message: 'A payload length is not encoded in the fewest bytes',
  },
  WS_LENGTH_OVERFLOW: {
    closeCode: CloseCode.ProtocolError,
    source: 'RFC 6455 §5.2',
    message: 'A 64-bit payload length has its most significant bit set',
  },
  WS_CONTROL_FRAME_FRAGMENTED: {
    closeCode: CloseCode.ProtocolError,
    source: 'RFC 6455 §5.5',
    message: 'A control frame is fragmented',
  },
  WS_CONTROL_FRAME_TOO_BIG: {
    closeCode: CloseCode.ProtocolError,
    source: 'RFC 6455 §5.5',
    message: 'A control frame has a payload of more than 125 bytes',
  },
  WS_CONTINUATION_WITHOUT_MESSAGE: {
    closeCode: CloseCode.ProtocolError,
    source: 'RFC 6455 §5.4',
    message: 'A continuation frame comes without a message to continue',
  },
  WS_MESSAGE_INTERRUPTED: {
    closeCode: CloseCode.ProtocolError,
    source: 'RFC 6455 §5.4',
    message: 'A new message begins before the fragmented one has ended',
  },
  WS_CLOSE_PAYLOAD_TRUNCATED: {
    closeCode: CloseCode.ProtocolError,
    source: 'RFC 6455 §5.5.1',
    message: 'A close frame has one byte of payload where a status code takes two',
  },
  WS_CLOSE_CODE_INVALID: {
    closeCode: CloseCode.ProtocolError,
    source: 'RFC 6455 §7.4',
    message: 'A close frame carries a status code that must not be sent',
  },
  WS_CLOSE_REASON_NOT_UTF8: {
    closeCode: CloseCode.InvalidPayload,
    source: 'RFC 6455 §8.1',
    message: 'The reason in a close frame is not valid UTF-8',
  },
  WS_TEXT_NOT_UTF8: {
    closeCode: CloseCode.InvalidPayload,
    source: 'RFC 6455 §8.1',
    message: 'A text message is not valid UTF-8',
  },
  WS_DEFLATE_INVALID: {
    closeCode: CloseCode.InvalidPayload,
    source: 'RFC 7692 §7.2.2',
    message: 'A compressed message is not valid DEFLATE data',
  },
  WS_MESSAGE_TOO_BIG: {
    closeCode: CloseCode.MessageTooBig,
    source: 'RFC 6455 §10.4',
    message: 'A message is larger than the limit',
  },
  WS_TOO_MANY_FRAGMENTS: {
    closeCode: CloseCode.PolicyViolation,
    source: 'RFC 6455 §10.4',
    message: 'A message has more fragments than the limit',
  },
  WS_CLOSED_WITHOUT_HANDSHAKE: {
    closeCode: CloseCode.AbnormalClosure,
    source: 'RFC 6455 §7.1.5',
    message: 'The connection ended without a close frame from the peer',
  },
} as const satisfies Record<string, Violation>;

/** The rules about time, memory and meaning: whoever owns the connection finds them broken. */
export const connectionViolations = {
  WS_HEARTBEAT_TIMEOUT: {
    closeCode: CloseCode.AbnormalClosure,
    source: 'RFC 6455 §5.5.2',
    message: 'The peer sent nothing, not even the answer to a ping, for too long',
  },
  WS_FRAME_STALLED: {
    closeCode: CloseCode.PolicyViolation,
    source: 'RFC 6455 §10.4',
    message: 'A frame has begun and makes no progress',
  },
  WS_CLOSING_TIMEOUT: {
    closeCode: CloseCode.AbnormalClosure,
    source: 'RFC 6455 §7.1.1',
    message: 'The peer did not finish the closing handshake in time',
  },
  WS_SLOW_CONSUMER: {
    closeCode: CloseCode.TryAgainLater,
    source: 'RFC 6455 §7.4.1',
    message: 'More waits to be sent to the peer than the limit',
  },
  WS_RETAINED_TOO_MUCH: {
    closeCode: CloseCode.TryAgainLater,
    source: 'RFC 6455 §10.4',
    message: 'More is held for the peer than the limit',
  },
  WS_SERVER_RETAINED_TOO_MUCH: {
    closeCode: CloseCode.TryAgainLater,
    source: 'RFC 6455 §10.4',
    message: 'More is held for all peers than the limit, and for this one most of all',
  },
  WS_MESSAGE_RATE: {
    closeCode: CloseCode.PolicyViolation,
    source: 'RFC 6455 §7.4.1',
    message: 'Messages come faster than the limit',
  },
  WS_BYTE_RATE: {
    closeCode: CloseCode.PolicyViolation,
    source: 'RFC 6455 §7.4.1',
    message: 'Bytes come faster than the limit',
  },
  WS_INVALID_MESSAGE: {
    closeCode: CloseCode.PolicyViolation,
    source: 'RFC 6455 §7.4.1',
    message: 'A message does not have the form that the route asks for',
  },
  WS_UNSUPPORTED_DATA: {
    closeCode: CloseCode.UnsupportedData,
    source: 'RFC 6455 §7.4.1',
    message: 'A binary message came where the route takes JSON text',
  },
} as const satisfies Record<string, Violation>;

/** Every rule that a peer can break once the connection is open. */
export const violations = { ...frameViolations, ...connectionViolations };

export type FrameViolationCode = keyof typeof frameViolations;
export type ConnectionViolationCode = keyof typeof connectionViolations;
export type ViolationCode = FrameViolationCode | ConnectionViolationCode;
