import { HandshakeError } from '@heddle/core';

/**
 * What a plain request is answered where there is only a WebSocket: 426, with a sentence and, in
 * `headers`, all the fields that this status asks for.
 */
export function upgradeRequired(request: { readonly httpVersionMajor: number }): HandshakeError {
  // RFC 9110 §15.5.22: "The server MUST send an Upgrade header field in a 426 response"; §7.8: who
  // sends it lists it in Connection. In HTTP/2 there is neither field (RFC 9113 §8.2.2).
  const headers = { Upgrade: 'websocket', Connection: 'Upgrade' };
  return new HandshakeError('WS_HANDSHAKE_UPGRADE', 'there is only a WebSocket here', {
    headers: request.httpVersionMajor >= 2 ? {} : headers,
  });
}
