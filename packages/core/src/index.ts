export { CloseCode, isSendableCloseCode } from './close-code.ts';
export {
  ClosedError,
  HandshakeError,
  ProtocolError,
  UsageError,
  WebSocketError,
} from './errors.ts';
export type { NegotiatedExtension } from './extensions/extension.ts';
export {
  assertLimit,
  DEFAULT_MESSAGE_LIMITS,
  HELD_OBJECT_BYTES,
  type MessageLimits,
} from './limits.ts';
export { type MisuseCode, misuses } from './misuse.ts';
export { Opcode } from './opcode.ts';
export { type Primitives, purePrimitives } from './primitives.ts';
export { Protocol, type ProtocolOptions, type ProtocolState } from './protocol.ts';
export type { Message, ProtocolSink } from './protocol-sink.ts';
export { Slab } from './slab.ts';
export {
  type ConnectionViolationCode,
  connectionViolations,
  type FrameViolationCode,
  frameViolations,
  type Violation,
  type ViolationCode,
  violations,
} from './violation.ts';
