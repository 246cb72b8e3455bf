import { describe, expect, it } from 'vitest';
import type { HandshakeError } from '../../src/errors.ts';
import { clientDeflate } from '../../src/extensions/permessage-deflate.ts';
import { handshakeKey, openingFields, readAnswer } from '../../src/handshake/client-handshake.ts';
import type { HeaderFields } from '../../src/handshake/header-fields.ts';
import { ACCEPT, KEY, rfcResponse, sha1 } from './rfc-example.ts';

const opening = { key: KEY, subprotocols: ['chat', 'superchat'], extensions: [clientDeflate()] };

function answered(changes: HeaderFields = {}) {
  return readAnswer(rfcResponse(changes), opening, sha1);
}

function failure(code: string) {
  return expect.objectContaining({ name: 'HandshakeError', code, status: 101, headers: {} });
}

describe("RFC 6455 §4.1 (5) to (11), the client's handshake", () => {
  it('is that of §1.2, but for the fields that are not about WebSocket', () => {
    expect(openingFields({ key: KEY, subprotocols: ['chat', 'superchat'] })).toEqual({
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Key': KEY,
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Protocol': 'chat, superchat',
    });
  });

  it('names nothing that is not offered', () => {
    const names = Object.keys(openingFields({ key: KEY, subprotocols: [], extensions: [] }));
    expect(names).toEqual(['Upgrade', 'Connection', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version']);
  });

  it('lists every offer of every extension, the preferable first', () => {
    const extensions = [clientDeflate([{ serverMaxWindowBits: 10 }, {}])];
    expect(openingFields({ key: KEY, extensions })).toMatchObject({
      'Sec-WebSocket-Extensions':
        'permessage-deflate; server_max_window_bits=10; client_max_window_bits, ' +
        'permessage-deflate; client_max_window_bits',
    });
  });

  it('has as its key 16 bytes, base64-encoded: §4.1 (7)', () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
    expect(handshakeKey(bytes)).toBe('AQIDBAUGBwgJCgsMDQ4PEA==');
    expect(openingFields({ key: handshakeKey(bytes) })['Sec-WebSocket-Key']).toBe(
      'AQIDBAUGBwgJCgsMDQ4PEA==',
    );
  });

  it.each([0, 15, 17])('takes no key of %i bytes', (length) => {
    expect(() => handshakeKey(new Uint8Array(length))).toThrow(
      expect.objectContaining({
        code: 'WS_INVALID_OPTION',
        message: `Invalid option: a key takes 16 bytes, not ${length}`,
      }),
    );
  });

  it('takes no key that is not 16 bytes in base64', () => {
    expect(() => openingFields({ key: 'x\r\nCookie: a' })).toThrow(
      'Invalid option: key "x\\u{d}\\u{a}Cookie: a" is not 16 bytes in base64',
    );
  });

  it('takes no subprotocol that is no token', () => {
    expect(() => openingFields({ key: KEY, subprotocols: ['chat room'] })).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'WS_INVALID_OPTION' }),
    );
  });
});

describe("RFC 6455 §1.2, the server's handshake", () => {
  it('establishes the connection', () => {
    expect(answered()).toEqual({ subprotocol: 'chat', extensions: [] });
  });

  it('may choose no subprotocol', () => {
    expect(answered({ 'sec-websocket-protocol': undefined }).subprotocol).toBeUndefined();
    expect(
      readAnswer(rfcResponse({ 'sec-websocket-protocol': undefined }), { key: KEY }, sha1),
    ).toEqual({ subprotocol: undefined, extensions: [] });
  });

  it('may choose an extension that was offered', () => {
    const { extensions } = answered({ 'sec-websocket-extensions': 'permessage-deflate' });
    expect(extensions).toMatchObject([{ name: 'permessage-deflate', rsv: 4 }]);
  });
});

describe('RFC 6455 §4.1 step 1, a status other than 101', () => {
  const headers = {
    'www-authenticate': 'Basic',
    'set-cookie': ['a=1', 'b=2'],
    absent: undefined,
  };

  it.each([401, 302, 200, 503, 426])('fails with the %i that came', (status) => {
    expect(() => readAnswer({ status, headers }, opening, sha1)).toThrow(
      expect.objectContaining({
        name: 'HandshakeError',
        code: 'WS_HANDSHAKE_REFUSED',
        status,
        headers: { 'www-authenticate': 'Basic', 'set-cookie': 'a=1, b=2' },
        message: `The server did not accept the WebSocket handshake: it answered ${status} (RFC 6455 §4.1)`,
      }),
    );
  });

  it('keeps a field with the name of something that every object has', () => {
    const odd = Object.fromEntries([['__proto__', 'x']]);
    expect(() => readAnswer({ status: 400, headers: odd }, opening, sha1)).toThrow(
      expect.toSatisfy(
        ({ headers }: HandshakeError) => Object.entries(headers).join() === '__proto__,x',
      ),
    );
  });
});

describe('RFC 6455 §4.1 steps 2 to 4, the answer of something that speaks WebSocket', () => {
  it.each([undefined, '', 'h2c', 'websocket, h2c', 'websocket/13', ['websocket', 'websocket']])(
    'has no Upgrade of %j',
    (upgrade) => {
      expect(() => answered({ upgrade })).toThrow(failure('WS_ANSWER_UPGRADE'));
    },
  );

  it('ignores the case of Upgrade', () => {
    expect(answered({ upgrade: 'WebSocket', connection: 'upgrade' }).subprotocol).toBe('chat');
  });

  it.each([undefined, '', 'close', 'keep-alive'])('has no Connection of %j', (connection) => {
    expect(() => answered({ connection })).toThrow(failure('WS_ANSWER_CONNECTION'));
  });

  it.each([
    undefined,
    '',
    KEY,
    ACCEPT.toLowerCase(),
    `${ACCEPT}=`,
    `${ACCEPT}, ${ACCEPT}`,
    'Kfh9QIsMVZcl6xEPYxPHzW8SZ8w=',
  ])('has no Sec-WebSocket-Accept of %j', (accept) => {
    expect(() => answered({ 'sec-websocket-accept': accept })).toThrow(failure('WS_ANSWER_ACCEPT'));
  });

  it.each([
    [{ upgrade: 'h2c' }, 'Upgrade was "h2c"'],
    [{ connection: undefined }, 'Connection did not come'],
    [{ 'sec-websocket-accept': '' }, 'Sec-WebSocket-Accept was ""'],
    [{ 'sec-websocket-extensions': 'a b' }, 'it was "a b"'],
  ])('names the field of %j', (changes, detail) => {
    expect(() => answered(changes)).toThrow(detail);
  });

  it('may have white space around Sec-WebSocket-Accept', () => {
    expect(answered({ 'sec-websocket-accept': `\t${ACCEPT} ` }).subprotocol).toBe('chat');
  });

  it.each(['sec-websocket-accept', 'sec-websocket-protocol'])('has %s only once, §11.3', (name) => {
    const values = name === 'sec-websocket-accept' ? [ACCEPT, ACCEPT] : ['chat', 'chat'];
    expect(() => answered({ [name]: values })).toThrow(failure('WS_ANSWER_HEADER_REPEATED'));
  });
});

describe('RFC 6455 §4.1 step 5, extensions', () => {
  it.each(['', 'permessage-deflate;', 'a b'])('fails for the malformed %j', (value) => {
    expect(() => answered({ 'sec-websocket-extensions': value })).toThrow(
      failure('WS_ANSWER_EXTENSIONS'),
    );
  });

  it.each(['mux', 'permessage-deflate, mux', 'Permessage-Deflate', 'constructor'])(
    'fails for one that was not offered: %s',
    (value) => {
      expect(() => answered({ 'sec-websocket-extensions': value })).toThrow(
        failure('WS_ANSWER_EXTENSION_NOT_OFFERED'),
      );
    },
  );

  it('fails for every extension if none was offered', () => {
    const response = rfcResponse({
      'sec-websocket-protocol': undefined,
      'sec-websocket-extensions': 'permessage-deflate',
    });
    expect(() => readAnswer(response, { key: KEY }, sha1)).toThrow(
      failure('WS_ANSWER_EXTENSION_NOT_OFFERED'),
    );
  });

  it('may be split between several header fields, §4.2.2 and erratum 3433', () => {
    const values = ['permessage-deflate; server_max_window_bits=10'];
    expect(answered({ 'sec-websocket-extensions': values }).extensions).toHaveLength(1);
    expect(() => answered({ 'sec-websocket-extensions': ['permessage-deflate', 'mux'] })).toThrow(
      failure('WS_ANSWER_EXTENSION_NOT_OFFERED'),
    );
  });
});

describe('RFC 6455 §4.1 step 6, the subprotocol', () => {
  it.each(['json', 'Chat', '', 'chat, superchat'])('fails for %j, not offered', (subprotocol) => {
    expect(() => answered({ 'sec-websocket-protocol': subprotocol })).toThrow(
      failure('WS_ANSWER_SUBPROTOCOL'),
    );
  });

  it('fails for every subprotocol if none was offered', () => {
    expect(() => readAnswer(rfcResponse(), { key: KEY }, sha1)).toThrow(
      'The server chose a subprotocol that we did not offer: ' +
        'Sec-WebSocket-Protocol was "chat" (RFC 6455 §4.1)',
    );
  });
});
