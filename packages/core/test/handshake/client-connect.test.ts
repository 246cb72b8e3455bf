import { describe, expect, it } from 'vitest';
import { clientDeflate } from '../../src/extensions/permessage-deflate.ts';
import { connectFields, readConnectAnswer } from '../../src/handshake/client-connect.ts';
import type { HeaderFields } from '../../src/handshake/header-fields.ts';

const offer = { subprotocols: ['chat', 'superchat'], extensions: [clientDeflate()] };

function answered(headers: HeaderFields, status = 200) {
  return readConnectAnswer({ status, headers }, offer);
}

describe("RFC 8441 §5.1, the client's handshake over HTTP/2", () => {
  it('is that of the example, but for the fields that say where it goes', () => {
    expect(connectFields(offer)).toEqual({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-protocol': 'chat, superchat',
      'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits',
    });
  });

  it('names nothing that is not offered, and has no key', () => {
    expect(Object.keys(connectFields({}))).toEqual([
      ':method',
      ':protocol',
      'sec-websocket-version',
    ]);
  });

  it('takes no subprotocol that is no token', () => {
    expect(() => connectFields({ subprotocols: ['chat room'] })).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'WS_INVALID_OPTION' }),
    );
  });
});

describe("RFC 8441 §5.1, the server's answer over HTTP/2", () => {
  it('opens the WebSocket with 200', () => {
    expect(answered({})).toEqual({ subprotocol: undefined, extensions: [] });
    expect(answered({ 'sec-websocket-protocol': 'chat' }).subprotocol).toBe('chat');
    const { extensions } = answered({ 'sec-websocket-extensions': 'permessage-deflate' });
    expect(extensions).toMatchObject([{ name: 'permessage-deflate' }]);
  });

  it('needs to prove nothing: whatever Sec-WebSocket-Accept says is not read', () => {
    expect(answered({ 'sec-websocket-accept': ['x', 'y'] }).extensions).toEqual([]);
  });

  it.each([101, 201, 202, 204, 301, 401, 404, 421, 501])('refuses with %i', (status) => {
    expect(() => answered({ 'www-authenticate': ['Basic', 'Digest'] }, status)).toThrow(
      expect.objectContaining({
        name: 'HandshakeError',
        code: 'WS_HANDSHAKE_REFUSED',
        status,
        headers: { 'www-authenticate': 'Basic, Digest' },
      }),
    );
  });

  it.each<[string, HeaderFields]>([
    ['WS_ANSWER_SUBPROTOCOL', { 'sec-websocket-protocol': 'json' }],
    ['WS_ANSWER_HEADER_REPEATED', { 'sec-websocket-protocol': ['chat', 'chat'] }],
    ['WS_ANSWER_EXTENSIONS', { 'sec-websocket-extensions': '=' }],
    ['WS_ANSWER_EXTENSION_NOT_OFFERED', { 'sec-websocket-extensions': 'mux' }],
  ])('breaks a rule of RFC 6455 §4.1 as on HTTP/1: %s', (code, headers) => {
    expect(() => answered(headers)).toThrow(
      expect.objectContaining({ name: 'HandshakeError', code }),
    );
  });
});
