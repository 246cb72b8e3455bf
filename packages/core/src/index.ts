export { BlockPool } from './block-pool.ts';
export { CloseCode, isSendableCloseCode } from './close-code.ts';
export { assertClose } from './close-frame.ts';
export {
  ClosedError,
  HandshakeError,
  ProtocolError,
  UsageError,
  WebSocketError,
} from './errors.ts';
export {
  type AcceptedOffer,
  type ClientExtension,
  type NegotiatedExtension,
  negotiateExtensions,
  type ServerExtension,
} from './extensions/extension.ts';
export {
  type ExtensionOffer,
  formatExtensions,
  parseExtensions,
} from './extensions/extension-list.ts';
export { DEFLATE_TAIL, type Inflater } from './extensions/inflater.ts';
export {
  clientDeflate,
  type DeflateContext,
  type DeflateOptions,
  type PermessageDeflate,
  serverDeflate,
} from './extensions/permessage-deflate.ts';
export type { Sha1 } from './handshake/accept-key.ts';
export { connectFields, readConnectAnswer } from './handshake/client-connect.ts';
export {
  type ClientOpening,
  handshakeKey,
  openingFields,
  readAnswer,
} from './handshake/client-handshake.ts';
export type { Agreement, ClientOffer, OpeningResponse } from './handshake/client-offer.ts';
export type { HeaderFields } from './handshake/header-fields.ts';
export {
  assertOriginRule,
  isAllowedOrigin,
  type OriginRule,
  refuseOrigin,
} from './handshake/origin.ts';
export { type Refusal, type RefusalCode, refusals } from './handshake/refusal.ts';
export {
  isWebSocketUpgrade,
  type Opening,
  type OpeningChoice,
  type OpeningRequest,
  openingAnswer,
  readConnectOpening,
  readOpening,
} from './handshake/server-handshake.ts';
export { assertSubprotocols, selectSubprotocol } from './handshake/subprotocol.ts';
export {
  assertLimit,
  DEFAULT_MESSAGE_LIMITS,
  HELD_OBJECT_BYTES,
  type MessageLimits,
} from './limits.ts';
export type { Message } from './message.ts';
export { encodeMessage, type MessageStart } from './message-start.ts';
export { type MisuseCode, misuses } from './misuse.ts';
export { Opcode } from './opcode.ts';
export { type Primitives, purePrimitives } from './primitives.ts';
export { Protocol } from './protocol.ts';
export type { ProtocolOptions } from './protocol-options.ts';
export type { ProtocolSink } from './protocol-sink.ts';
export type { ProtocolState } from './protocol-state.ts';
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
