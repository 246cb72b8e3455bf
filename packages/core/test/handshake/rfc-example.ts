import { createHash } from 'node:crypto';
import type { HeaderFields } from '../../src/handshake/header-fields.ts';
import type { OpeningRequest } from '../../src/handshake/server-handshake.ts';

export const sha1 = (ascii: string): Uint8Array => createHash('sha1').update(ascii).digest();

/** The key and its answer that §1.3 and §4.2.2 work through. */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

/** The client's handshake of §1.2, with `changes` to its header fields. */
export function rfcRequest(changes: HeaderFields = {}): OpeningRequest {
  return {
    method: 'GET',
    httpVersion: '1.1',
    headers: {
      host: 'server.example.com',
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': KEY,
      origin: 'http://example.com',
      'sec-websocket-protocol': 'chat, superchat',
      'sec-websocket-version': '13',
      ...changes,
    },
  };
}

/** The server's handshake of §1.2, with `changes` to its header fields. */
export function rfcResponse(changes: HeaderFields = {}) {
  return {
    status: 101,
    headers: {
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-accept': ACCEPT,
      'sec-websocket-protocol': 'chat',
      ...changes,
    },
  };
}

/** Header fields as they arrive: Node gives their names in lower case. */
export function received(fields: Readonly<Record<string, string>>): HeaderFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
