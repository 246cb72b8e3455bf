import { describe, expect, it } from 'vitest';
import { negotiateExtensions } from '../../src/extensions/extension.ts';
import { serverDeflate } from '../../src/extensions/permessage-deflate.ts';
import type { HeaderFields } from '../../src/handshake/header-fields.ts';
import {
  isWebSocketUpgrade,
  openingAnswer,
  readConnectOpening,
  readOpening,
} from '../../src/handshake/server-handshake.ts';
import { ACCEPT, KEY, rfcRequest, sha1 } from './rfc-example.ts';

function refused(changes: HeaderFields) {
  return expect(() => readOpening(rfcRequest(changes)));
}

function refusal(code: string, status: number, headers: Readonly<Record<string, string>> = {}) {
  return expect.objectContaining({ name: 'HandshakeError', code, status, headers });
}

describe("RFC 6455 §1.2, the client's handshake", () => {
  it('is read', () => {
    expect(readOpening(rfcRequest())).toEqual({
      key: KEY,
      host: 'server.example.com',
      origin: 'http://example.com',
      subprotocols: ['chat', 'superchat'],
      extensions: [],
    });
  });

  it('may lack Origin, subprotocols and extensions: §4.2.1 (7) to (9)', () => {
    const changes = { origin: undefined, 'sec-websocket-protocol': undefined };
    expect(readOpening(rfcRequest(changes))).toMatchObject({
      origin: undefined,
      subprotocols: [],
      extensions: [],
    });
  });

  it('may have any other header field, §4.2.1 (10)', () => {
    const names = ['cookie', '__proto__', 'constructor', 'x-\u00e9'];
    const changes = Object.fromEntries(names.map((name) => [name, '\u0000']));
    expect(readOpening(rfcRequest(changes)).key).toBe(KEY);
  });

  it('may come with an empty body', () => {
    expect(readOpening(rfcRequest({ 'content-length': '0' })).key).toBe(KEY);
  });
});

describe('RFC 6455 §4.2.1 (1), an HTTP/1.1 or higher GET request', () => {
  it.each(['POST', 'CONNECT', 'get', ''])('is not one with the method %j', (method) => {
    expect(() => readOpening({ ...rfcRequest(), method })).toThrow(
      refusal('WS_HANDSHAKE_METHOD', 405, { Allow: 'GET' }),
    );
  });

  it.each(['1.0', '0.9', '0.1', '', '1', '1.1.1', '1,1', '1.x', 'x.1', '2.x', '\u0661.1'])(
    'is not one of version %j',
    (httpVersion) => {
      expect(() => readOpening({ ...rfcRequest(), httpVersion })).toThrow(
        refusal('WS_HANDSHAKE_HTTP_VERSION', 400),
      );
    },
  );

  it.each(['1.1', '1.2', '2.0', '3.0'])('may be of version %s', (httpVersion) => {
    expect(readOpening({ ...rfcRequest(), httpVersion }).key).toBe(KEY);
  });
});

describe('RFC 6455 §4.2.1 (2) to (4), Host, Upgrade and Connection', () => {
  it.each([[undefined], [''], [['a.example', 'b.example']]])('needs one Host, not %j', (host) => {
    refused({ host }).toThrow(refusal('WS_HANDSHAKE_HOST', 400));
  });

  it.each(['WebSocket', 'WEBSOCKET', 'h2c, websocket', ' websocket ', ['h2c', 'websocket']])(
    'accepts an Upgrade of %j',
    (upgrade) => {
      expect(isWebSocketUpgrade({ upgrade })).toBe(true);
      expect(readOpening(rfcRequest({ upgrade })).key).toBe(KEY);
    },
  );

  it.each([undefined, '', 'h2c', 'websocket2', 'websocket/13', '"websocket"'])(
    'asks for an Upgrade to websocket in place of %j',
    (upgrade) => {
      expect(isWebSocketUpgrade({ upgrade })).toBe(false);
      refused({ upgrade }).toThrow(refusal('WS_HANDSHAKE_UPGRADE', 426, { Upgrade: 'websocket' }));
    },
  );

  it.each(['upgrade', 'keep-alive, Upgrade', ['keep-alive', 'UPGRADE']])(
    'accepts a Connection of %j',
    (connection) => {
      expect(readOpening(rfcRequest({ connection })).key).toBe(KEY);
    },
  );

  it.each([undefined, '', 'keep-alive', 'close'])('refuses a Connection of %j', (connection) => {
    refused({ connection }).toThrow(refusal('WS_HANDSHAKE_CONNECTION', 400));
  });
});

describe('RFC 6455 §4.2.1 (5), the key', () => {
  it.each([
    [undefined],
    [''],
    ['AAAA'],
    ['not base64 of sixteen by'],
    [[KEY, KEY]],
    [`${KEY}, ${KEY}`],
  ])('is 16 bytes in base64, and there is one: not %j', (key) => {
    refused({ 'sec-websocket-key': key }).toThrow(refusal('WS_HANDSHAKE_KEY', 400));
  });

  it('may have white space around it', () => {
    expect(readOpening(rfcRequest({ 'sec-websocket-key': ` ${KEY}\t` })).key).toBe(KEY);
  });
});

describe('RFC 6455 §4.2.1 (6) and §4.4, the version', () => {
  it.each([[undefined], [['13', '13']]])('is named once, not %j', (version) => {
    refused({ 'sec-websocket-version': version }).toThrow(
      refusal('WS_HANDSHAKE_VERSION_MISSING', 400, { 'Sec-WebSocket-Version': '13' }),
    );
  });

  it.each(['25', '8', '0', '013', '+13', '13.0', '13, 13', '1e1', '', '14'])(
    'is 13: the answer to %j says so',
    (version) => {
      refused({ 'sec-websocket-version': version }).toThrow(
        refusal('WS_HANDSHAKE_VERSION', 426, {
          Upgrade: 'websocket',
          'Sec-WebSocket-Version': '13',
        }),
      );
    },
  );

  it('is judged before the key, which another version may write otherwise', () => {
    refused({ 'sec-websocket-version': '25', 'sec-websocket-key': 'x' }).toThrow(
      refusal('WS_HANDSHAKE_VERSION', 426, expect.anything()),
    );
  });
});

describe('RFC 6455 §4.1 (10), the subprotocols', () => {
  it('may come in several header fields, §11.3.4', () => {
    const changes = { 'sec-websocket-protocol': ['chat', 'superchat, json'] };
    expect(readOpening(rfcRequest(changes)).subprotocols).toEqual(['chat', 'superchat', 'json']);
  });

  it.each([
    [''],
    [','],
    ['chat room'],
    ['chat;v=2'],
    ['"chat"'],
    ['chat, chat'],
    [['chat', 'chat']],
  ])('are tokens and unique: %j is refused', (names) => {
    refused({ 'sec-websocket-protocol': names }).toThrow(refusal('WS_HANDSHAKE_SUBPROTOCOLS', 400));
  });

  it('differ in case', () => {
    const changes = { 'sec-websocket-protocol': 'chat, Chat' };
    expect(readOpening(rfcRequest(changes)).subprotocols).toEqual(['chat', 'Chat']);
  });
});

describe('RFC 6455 §9.1, the extensions', () => {
  it('keep their order and parameters', () => {
    const changes = { 'sec-websocket-extensions': ['foo', 'bar; baz=2'] };
    expect(readOpening(rfcRequest(changes)).extensions).toEqual([
      { name: 'foo', parameters: [] },
      { name: 'bar', parameters: [['baz', '2']] },
    ]);
  });

  it.each(['', ';', 'foo;', 'foo; bar="', 'foo; bar="a b"', 'a b'])(
    'fail the handshake if they are malformed: %j',
    (extensions) => {
      refused({ 'sec-websocket-extensions': extensions }).toThrow(
        refusal('WS_HANDSHAKE_EXTENSIONS', 400),
      );
    },
  );
});

describe('a request with a body, RFC 9110 §9.3.1', () => {
  it.each([
    { 'content-length': '1' },
    { 'content-length': '-1' },
    { 'content-length': '0, 5' },
    { 'content-length': '' },
    { 'transfer-encoding': 'chunked' },
    { 'transfer-encoding': '' },
  ])('is refused: %j', (changes) => {
    refused(changes).toThrow(refusal('WS_HANDSHAKE_BODY', 400));
  });
});

describe('what a refusal says', () => {
  it('is what would be right, what came, and which text says so', () => {
    refused({ 'sec-websocket-version': '25' }).toThrow(
      'Version 13 of the WebSocket protocol is the only one spoken here: ' +
        'Sec-WebSocket-Version was "25" (RFC 6455 §4.4)',
    );
    refused({ upgrade: undefined }).toThrow(
      'A WebSocket handshake must list "websocket" in Upgrade: ' +
        'Upgrade did not come (RFC 6455 §4.2.1)',
    );
    expect(() => readOpening({ ...rfcRequest(), httpVersion: '1.0' })).toThrow(
      'A WebSocket handshake must use HTTP/1.1 or later: the request was "HTTP/1.0"',
    );
  });

  it.each([
    [{ host: undefined }, 'Host did not come'],
    [{ connection: 'close' }, 'Connection was "close"'],
    [{ 'content-length': '1' }, 'Content-Length was "1"'],
    [{ 'transfer-encoding': 'chunked' }, 'Transfer-Encoding was "chunked"'],
    [{ 'sec-websocket-version': undefined }, 'Sec-WebSocket-Version did not come'],
    [{ 'sec-websocket-key': [KEY, KEY] }, 'Sec-WebSocket-Key came 2 times'],
    [{ 'sec-websocket-protocol': 'a b' }, 'it was "a b"'],
    [{ 'sec-websocket-extensions': 'a b' }, 'it was "a b"'],
  ])('names the field of %j', (changes, detail) => {
    refused(changes).toThrow(detail);
  });

  it('names the method and, over HTTP/2, the authority', () => {
    expect(() => readOpening({ ...rfcRequest(), method: 'POST' })).toThrow('the method was "POST"');
    expect(() => readConnectOpening({})).toThrow(':authority did not come');
  });

  it('is short, and one line, whatever came', () => {
    refused({ 'sec-websocket-key': `\r\n${'x'.repeat(16_384)}` }).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^[^\n\r]{1,200}$/) }),
    );
  });
});

describe("RFC 6455 §4.2.2 step 5, the server's handshake", () => {
  const extensionsOffered = 'foo, permessage-deflate; server_max_window_bits=10';
  const opening = () => readOpening(rfcRequest({ 'sec-websocket-extensions': extensionsOffered }));

  it('is that of §1.2', () => {
    expect(openingAnswer(opening(), { subprotocol: 'chat' }, sha1)).toEqual({
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Accept': ACCEPT,
      'Sec-WebSocket-Protocol': 'chat',
    });
  });

  it('names no subprotocol and no extension if none was chosen', () => {
    const fields = openingAnswer(opening(), { subprotocol: undefined, extensions: [] }, sha1);
    expect(Object.keys(fields)).toEqual(['Upgrade', 'Connection', 'Sec-WebSocket-Accept']);
  });

  it('names the extensions in use', () => {
    const extensions = negotiateExtensions(opening().extensions, [serverDeflate()]);
    expect(openingAnswer(opening(), { extensions }, sha1)).toMatchObject({
      'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=10',
    });
  });

  it('never names a subprotocol that the client did not offer', () => {
    expect(() => openingAnswer(opening(), { subprotocol: 'json' }, sha1)).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        code: 'WS_INVALID_OPTION',
        message: 'Invalid option: subprotocol "json" was not offered',
      }),
    );
    expect(() => openingAnswer(opening(), { subprotocol: '' }, sha1)).toThrow('was not offered');
  });

  it('never names an extension that the client did not offer', () => {
    const extensions = [{ parameters: [], extension: { name: 'mux', rsv: 0 } }];
    expect(() => openingAnswer(opening(), { extensions }, sha1)).toThrow(
      'Invalid option: extension "mux" was not offered',
    );
  });
});

describe("RFC 8441 §5.1, the client's handshake over HTTP/2", () => {
  const example = {
    ':method': 'CONNECT',
    ':protocol': 'websocket',
    ':scheme': 'https',
    ':path': '/chat',
    ':authority': 'server.example.com',
    'sec-websocket-protocol': 'chat, superchat',
    'sec-websocket-extensions': 'permessage-deflate',
    'sec-websocket-version': '13',
    origin: 'http://www.example.com',
  };

  it('is read, and has no key', () => {
    expect(readConnectOpening(example)).toEqual({
      key: undefined,
      host: 'server.example.com',
      origin: 'http://www.example.com',
      subprotocols: ['chat', 'superchat'],
      extensions: [{ name: 'permessage-deflate', parameters: [] }],
    });
  });

  it('is answered with what was chosen, and with nothing of an upgrade', () => {
    const opening = readConnectOpening(example);
    expect(openingAnswer(opening, { subprotocol: 'chat' }, sha1)).toEqual({
      'Sec-WebSocket-Protocol': 'chat',
    });
    expect(openingAnswer(opening, {}, sha1)).toEqual({});
  });

  it.each([
    ['no authority', { ':authority': undefined }, 'WS_HANDSHAKE_HOST', {}],
    ['an empty authority', { ':authority': '' }, 'WS_HANDSHAKE_HOST', {}],
    [
      'no version',
      { 'sec-websocket-version': undefined },
      'WS_HANDSHAKE_VERSION_MISSING',
      { 'Sec-WebSocket-Version': '13' },
    ],
    // 426 asks for an Upgrade, which HTTP/2 does not have.
    [
      'another version',
      { 'sec-websocket-version': '8' },
      'WS_HANDSHAKE_VERSION',
      { 'Sec-WebSocket-Version': '13' },
    ],
    [
      'a subprotocol that is offered twice',
      { 'sec-websocket-protocol': 'chat, chat' },
      'WS_HANDSHAKE_SUBPROTOCOLS',
      {},
    ],
    [
      'extensions that are no list',
      { 'sec-websocket-extensions': '=' },
      'WS_HANDSHAKE_EXTENSIONS',
      {},
    ],
  ])('is refused with 400 if it has %s', (_what, changes, code, headers) => {
    expect(() => readConnectOpening({ ...example, ...changes })).toThrow(
      refusal(code, 400, headers),
    );
  });
});
