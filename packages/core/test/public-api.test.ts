import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as core from '../src/index.ts';

/*
 * What users of this package may rely on. A name or a code that changes here changes the major
 * version; one that is new is a decision, and not an accident.
 */

const VALUES = [
  'BlockPool',
  'CloseCode',
  'ClosedError',
  'DEFAULT_MESSAGE_LIMITS',
  'DEFLATE_TAIL',
  'HELD_OBJECT_BYTES',
  'HandshakeError',
  'Opcode',
  'Protocol',
  'ProtocolError',
  'Slab',
  'UsageError',
  'WebSocketError',
  'assertClose',
  'assertLimit',
  'assertOriginRule',
  'assertSubprotocols',
  'clientDeflate',
  'connectFields',
  'connectionViolations',
  'encodeMessage',
  'formatExtensions',
  'frameViolations',
  'handshakeKey',
  'isAllowedOrigin',
  'isSendableCloseCode',
  'isWebSocketUpgrade',
  'misuses',
  'negotiateExtensions',
  'openingAnswer',
  'openingFields',
  'parseExtensions',
  'purePrimitives',
  'readAnswer',
  'readConnectAnswer',
  'readConnectOpening',
  'readOpening',
  'refusals',
  'refuseOrigin',
  'selectSubprotocol',
  'serverDeflate',
  'violations',
];

const TYPES = [
  'AcceptedOffer',
  'Agreement',
  'ClientExtension',
  'ClientOffer',
  'ClientOpening',
  'ConnectionViolationCode',
  'DeflateContext',
  'DeflateOptions',
  'ExtensionOffer',
  'FrameViolationCode',
  'HeaderFields',
  'Inflater',
  'Message',
  'MessageLimits',
  'MessageStart',
  'MisuseCode',
  'NegotiatedExtension',
  'Opening',
  'OpeningChoice',
  'OpeningRequest',
  'OpeningResponse',
  'OriginRule',
  'PermessageDeflate',
  'Primitives',
  'ProtocolOptions',
  'ProtocolSink',
  'ProtocolState',
  'Refusal',
  'RefusalCode',
  'ServerExtension',
  'Sha1',
  'Violation',
  'ViolationCode',
];

describe('what @heddle/core exports', () => {
  it('are these values', () => {
    expect(Object.keys(core).sort()).toEqual(VALUES);
  });

  it('are these types', () => {
    const index = readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8');
    const names = [...index.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(
      ([, types, list = '']) => {
        const all = list.split(',').map((name) => name.trim());
        return types === undefined ? all.filter((name) => name.startsWith('type ')) : all;
      },
    );
    const types = names.map((name) => name.replace('type ', '')).filter((name) => name !== '');
    expect(types.sort()).toEqual(TYPES);
  });
});

describe('the codes of errors', () => {
  it('of ProtocolError, with their close codes', () => {
    expect(each(core.violations, ({ closeCode }) => closeCode)).toEqual({
      WS_RESERVED_BITS: 1002,
      WS_RESERVED_OPCODE: 1002,
      WS_FRAME_NOT_MASKED: 1002,
      WS_FRAME_MASKED: 1002,
      WS_LENGTH_NOT_MINIMAL: 1002,
      WS_LENGTH_OVERFLOW: 1002,
      WS_CONTROL_FRAME_FRAGMENTED: 1002,
      WS_CONTROL_FRAME_TOO_BIG: 1002,
      WS_CONTINUATION_WITHOUT_MESSAGE: 1002,
      WS_MESSAGE_INTERRUPTED: 1002,
      WS_CLOSE_PAYLOAD_TRUNCATED: 1002,
      WS_CLOSE_CODE_INVALID: 1002,
      WS_CLOSE_REASON_NOT_UTF8: 1007,
      WS_TEXT_NOT_UTF8: 1007,
      WS_DEFLATE_INVALID: 1007,
      WS_MESSAGE_TOO_BIG: 1009,
      WS_TOO_MANY_FRAGMENTS: 1008,
      WS_CLOSED_WITHOUT_HANDSHAKE: 1006,
      WS_HEARTBEAT_TIMEOUT: 1006,
      WS_FRAME_STALLED: 1008,
      WS_CLOSING_TIMEOUT: 1006,
      WS_SLOW_CONSUMER: 1013,
      WS_RETAINED_TOO_MUCH: 1013,
      WS_SERVER_RETAINED_TOO_MUCH: 1013,
      WS_MESSAGE_RATE: 1008,
      WS_BYTE_RATE: 1008,
      WS_INVALID_MESSAGE: 1008,
      WS_UNSUPPORTED_DATA: 1003,
    });
  });

  it('of HandshakeError, with their status', () => {
    expect(each(core.refusals, ({ status }) => status)).toEqual({
      WS_HANDSHAKE_METHOD: 405,
      WS_HANDSHAKE_HTTP_VERSION: 400,
      WS_HANDSHAKE_HOST: 400,
      WS_HANDSHAKE_UPGRADE: 426,
      WS_HANDSHAKE_CONNECTION: 400,
      WS_HANDSHAKE_BODY: 400,
      WS_HANDSHAKE_VERSION_MISSING: 400,
      WS_HANDSHAKE_VERSION: 426,
      WS_HANDSHAKE_KEY: 400,
      WS_HANDSHAKE_SUBPROTOCOLS: 400,
      WS_HANDSHAKE_EXTENSIONS: 400,
      WS_HANDSHAKE_ORIGIN: 403,
      WS_HANDSHAKE_ADDRESS: 503,
      WS_HANDSHAKE_REFUSED: 0,
      WS_ANSWER_UPGRADE: 101,
      WS_ANSWER_CONNECTION: 101,
      WS_ANSWER_ACCEPT: 101,
      WS_ANSWER_HEADER_REPEATED: 101,
      WS_ANSWER_EXTENSIONS: 101,
      WS_ANSWER_EXTENSION_NOT_OFFERED: 101,
      WS_ANSWER_EXTENSION_UNUSABLE: 101,
      WS_ANSWER_SUBPROTOCOL: 101,
    });
  });

  it('of UsageError', () => {
    expect(Object.keys(core.misuses)).toEqual([
      'WS_INVALID_OPTION',
      'WS_SEND_AFTER_CLOSE',
      'WS_UNSUPPORTED_MESSAGE',
      'WS_INVALID_CLOSE_CODE',
      'WS_CLOSE_REASON_TOO_LONG',
      'WS_CONTROL_PAYLOAD_TOO_BIG',
      'WS_FRAGMENT_OUT_OF_ORDER',
      'WS_INVALID_REPLY',
      'WS_ALREADY_CONSUMED',
      'WS_NOT_AN_UPGRADE',
      'WS_INVALID_REGISTRATION',
      'WS_INVALID_ROUTE',
    ]);
  });

  it('of ClosedError', () => {
    expect(new core.ClosedError().code).toBe('WS_CLOSED');
  });
});

describe('the codes of close frames', () => {
  it('have the names of the registry (§11.7)', () => {
    expect(core.CloseCode).toEqual({
      NormalClosure: 1000,
      GoingAway: 1001,
      ProtocolError: 1002,
      UnsupportedData: 1003,
      NoStatusReceived: 1005,
      AbnormalClosure: 1006,
      InvalidPayload: 1007,
      PolicyViolation: 1008,
      MessageTooBig: 1009,
      MandatoryExtension: 1010,
      InternalError: 1011,
      ServiceRestart: 1012,
      TryAgainLater: 1013,
      BadGateway: 1014,
    });
  });
});

function each<Row>(table: Readonly<Record<string, Row>>, pick: (row: Row) => number): object {
  return Object.fromEntries(Object.entries(table).map(([code, row]) => [code, pick(row)]));
}
