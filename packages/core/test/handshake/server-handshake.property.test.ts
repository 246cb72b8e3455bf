import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HandshakeError } from '../../src/errors.ts';
import { isWebSocketUpgrade, readOpening } from '../../src/handshake/server-handshake.ts';
import { rfcRequest } from './rfc-example.ts';

const fieldNames = [
  'host',
  'upgrade',
  'connection',
  'origin',
  'content-length',
  'transfer-encoding',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
  '__proto__',
  'constructor',
  'toString',
];
const grammar = fc.string({
  unit: fc.constantFrom(
    ...'aA13,;= \t"\\\r\n\u0000\u00e9',
    'websocket',
    'upgrade',
    'permessage-deflate',
  ),
});
const text = fc.oneof(fc.string({ unit: 'binary' }), grammar);
const fieldValue = fc.option(fc.oneof(text, fc.array(text, { maxLength: 3 })), { nil: undefined });
const changes = fc.dictionary(fc.constantFrom(...fieldNames), fieldValue, {
  noNullPrototype: false,
});

describe('whatever the header fields hold', () => {
  it('readOpening reads them or throws a HandshakeError, and nothing else', () => {
    let readCount = 0;
    fc.assert(
      fc.property(changes, (fields) => {
        try {
          readOpening(rfcRequest(fields));
          readCount += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(HandshakeError);
        }
      }),
      { numRuns: 2_000 },
    );
    // The fields are not so wild that all are refused at the door.
    expect(readCount).toBeGreaterThan(10);
  });

  it('a refusal has a status of 4xx and a message of one printable line', () => {
    fc.assert(
      fc.property(changes, text, text, (fields, method, httpVersion) => {
        try {
          readOpening({ ...rfcRequest(fields), method, httpVersion });
        } catch (error) {
          expect(error).toMatchObject({
            status: expect.toSatisfy((status: number) => status >= 400 && status < 500),
            // Forty characters of a field, each of which may be escaped to eight, within our own words.
            message: expect.stringMatching(/^[ -~\u2026\u00a7]{1,500}$/),
          });
        }
      }),
    );
  });

  it('isWebSocketUpgrade answers, and only fields of the request count', () => {
    fc.assert(fc.property(changes, (fields) => typeof isWebSocketUpgrade(fields) === 'boolean'));
    expect(isWebSocketUpgrade(Object.create({ upgrade: 'websocket' }))).toBe(false);
  });
});
