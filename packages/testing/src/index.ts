export { type Bytes, concatBytes, formatBytes, textBytes, toBytes } from './bytes.ts';
export { type SelfSignedCertificate, selfSignedCertificate } from './certificate.ts';
export { Client, type ClientClose, type ClientOptions, openClient } from './client.ts';
export type { DialOptions } from './dial.ts';
export { encodeFrame, type FrameDescription, type ReceivedFrame } from './frame.ts';
export {
  acceptFor,
  encodeHandshake,
  encodeRequest,
  type HandshakeDescription,
  handshakeHeaders,
  SAMPLE_KEY,
} from './handshake.ts';
export type { HeaderList, HttpRequest, HttpResponse } from './http-message.ts';
export {
  type AnswerDescription,
  type PeerFrame,
  ScriptedPeer,
  type ScriptedPeerOptions,
} from './scripted-peer.ts';
export { portOf, ScriptedServer, type ScriptedServerOptions } from './scripted-server.ts';
