export { type Bytes, concatBytes, formatBytes, textBytes, toBytes } from './bytes.ts';
export { type SelfSignedCertificate, selfSignedCertificate } from './certificate.ts';
export {
  Client,
  type ClientClose,
  type ClientOptions,
  type HandshakeOptions,
  openClient,
  openClientOn,
} from './client.ts';
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
export { Http2Peer } from './http2-peer.ts';
export {
  type AnswerDescription,
  ScriptedPeer,
  type ScriptedPeerOptions,
} from './scripted-peer.ts';
export { portOf, ScriptedServer, type ScriptedServerOptions } from './scripted-server.ts';
export { ScriptedSession, type ScriptedSessionOptions } from './scripted-session.ts';
export type { PeerFrame, ScriptedStream, ScriptedStreamOptions } from './scripted-stream.ts';
