import { expect } from 'vitest';
import { textBytes } from '../bytes.ts';
import { type HandshakeDescription, SAMPLE_KEY } from '../handshake.ts';
import type { ContractCases } from './contract-case.ts';
import { untouched } from './handlers.ts';
import { tokensOf } from './http1-clients.ts';

interface Malformed {
  readonly request: HandshakeDescription;
  readonly status: number;
  /** Fields that the answer must have. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What the answer's sentence must name. */
  readonly says: RegExp;
}

/** Handshakes that are none, RFC 6455 §4.1 and §4.2.1: refused before any hook runs, with a sentence. */
export const malformedHandshakes: ContractCases = refusalCases({
  'a key that is too short': {
    request: { headers: { 'Sec-WebSocket-Key': 'AAAA' } },
    status: 400,
    says: /Sec-WebSocket-Key/,
  },
  'no key': {
    request: { headers: { 'Sec-WebSocket-Key': undefined } },
    status: 400,
    says: /Sec-WebSocket-Key/,
  },
  'two keys': {
    request: { headers: { 'Sec-WebSocket-Key': [SAMPLE_KEY, SAMPLE_KEY] } },
    status: 400,
    says: /Sec-WebSocket-Key/,
  },
  'another version': {
    request: { headers: { 'Sec-WebSocket-Version': '8' } },
    status: 426,
    headers: { 'Sec-WebSocket-Version': '13', Upgrade: 'websocket' },
    says: /13/,
  },
  'no version': {
    request: { headers: { 'Sec-WebSocket-Version': undefined } },
    status: 400,
    headers: { 'Sec-WebSocket-Version': '13' },
    says: /Sec-WebSocket-Version/,
  },
  'no Host': { request: { headers: { Host: undefined } }, status: 400, says: /Host/ },
  'two Hosts': { request: { headers: { Host: ['a', 'b'] } }, status: 400, says: /Host/ },
  'HTTP/1.0': { request: { version: 'HTTP/1.0' }, status: 400, says: /HTTP\/1\.1/ },
  'a body': {
    request: { headers: { 'Content-Length': '3' }, followedBy: textBytes('abc') },
    status: 400,
    says: /body/,
  },
  'a method other than GET': {
    request: { method: 'POST' },
    status: 405,
    headers: { Allow: 'GET' },
    says: /GET/,
  },
  'extensions that are no list': {
    request: { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; =' } },
    status: 400,
    says: /Sec-WebSocket-Extensions/,
  },
  'a subprotocol that is offered twice': {
    request: { headers: { 'Sec-WebSocket-Protocol': 'chat, chat' } },
    status: 400,
    says: /Sec-WebSocket-Protocol/,
  },
});

/** A case for each row: what is wrong with the handshake, and how it is refused. */
export function refusalCases(rows: Readonly<Record<string, Malformed>>): ContractCases {
  return Object.fromEntries(
    Object.entries(rows).map(([what, row]) => [
      `refuses a handshake with ${what}: ${row.status} and a sentence`,
      refusesWith(row),
    ]),
  );
}

function refusesWith({ request, status, headers = {}, says }: Malformed): ContractCases[string] {
  return async (start) => {
    const handler = untouched();
    let hooks = 0;
    const before = async () => {
      hooks += 1;
      return {};
    };
    const app = await start({ routes: [{ path: '/chat', before, ws: handler.ws }] });
    const response = await app.refusal({ path: '/chat', ...request });
    expect(response.status).toBe(status);
    expect(response.body).toMatch(says);
    for (const [name, value] of Object.entries(headers)) {
      expect(response.header(name), name).toBe(value);
    }
    if (headers['Upgrade'] !== undefined) {
      expect(tokensOf(response, 'Connection')).toContain('upgrade');
    }
    expect(hooks + handler.calls).toBe(0);
  };
}
