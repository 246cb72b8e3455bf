import { describe, expect, it } from 'vitest';
import type { HandshakeError } from '../../src/errors.ts';
import { clientDeflate } from '../../src/extensions/permessage-deflate.ts';
import {
  answerRefusal,
  offerFields,
  onlyValue,
  readChoice,
  refusedByServer,
} from '../../src/handshake/client-offer.ts';

const offer = { subprotocols: ['chat', 'superchat'], extensions: [clientDeflate()] };

function failure(code: string) {
  return expect.objectContaining({ name: 'HandshakeError', code });
}

describe('RFC 6455 §4.1 (9) to (11), what a client offers', () => {
  it('are subprotocols and extensions, in the order of preference', () => {
    expect(offerFields(offer)).toEqual({
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Protocol': 'chat, superchat',
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
    });
  });

  it('may be nothing', () => {
    expect(offerFields({})).toEqual({ 'Sec-WebSocket-Version': '13' });
    expect(offerFields({ subprotocols: [], extensions: [] })).toEqual(offerFields({}));
  });

  it('has no subprotocol that is no token', () => {
    expect(() => offerFields({ subprotocols: ['chat room'] })).toThrow(
      expect.objectContaining({ name: 'UsageError', code: 'WS_INVALID_OPTION' }),
    );
  });
});

describe('RFC 6455 §4.1 steps 5 and 6, what a server chooses', () => {
  it('may be nothing', () => {
    expect(readChoice({}, offer)).toEqual({ subprotocol: undefined, extensions: [] });
    expect(readChoice({}, {})).toEqual({ subprotocol: undefined, extensions: [] });
  });

  it('is one subprotocol, and extensions', () => {
    const headers = {
      'sec-websocket-protocol': 'superchat',
      'sec-websocket-extensions': 'permessage-deflate',
    };
    expect(readChoice(headers, offer)).toMatchObject({
      subprotocol: 'superchat',
      extensions: [{ name: 'permessage-deflate' }],
    });
  });

  it('is on offer', () => {
    const json = { 'sec-websocket-protocol': 'json' };
    expect(() => readChoice(json, offer)).toThrow(failure('WS_ANSWER_SUBPROTOCOL'));
    const mux = { 'sec-websocket-extensions': 'mux' };
    expect(() => readChoice(mux, offer)).toThrow(failure('WS_ANSWER_EXTENSION_NOT_OFFERED'));
  });

  it('is well-formed', () => {
    const headers = { 'sec-websocket-extensions': '=' };
    expect(() => readChoice(headers, offer)).toThrow(failure('WS_ANSWER_EXTENSIONS'));
  });

  it('has the subprotocol once, §11.3', () => {
    const headers = { 'sec-websocket-protocol': ['chat', 'chat'] };
    expect(() => readChoice(headers, offer)).toThrow(failure('WS_ANSWER_HEADER_REPEATED'));
    expect(onlyValue({ 'x-a': ['1'] }, 'X-A')).toBe('1');
    expect(onlyValue({}, 'X-A')).toBeUndefined();
  });
});

describe('the errors of a handshake that fails', () => {
  it('have what a server said that refuses, each field as one value', () => {
    const headers = {
      'www-authenticate': 'Basic',
      'set-cookie': ['a=1', 'b=2'],
      absent: undefined,
    };
    expect(refusedByServer({ status: 401, headers })).toMatchObject({
      code: 'WS_HANDSHAKE_REFUSED',
      status: 401,
      headers: { 'www-authenticate': 'Basic', 'set-cookie': 'a=1, b=2' },
      message: expect.stringContaining('it answered 401'),
    });
  });

  it('keep a field with the name of something that every object has', () => {
    const odd = Object.fromEntries([['__proto__', 'x']]);
    const { headers }: HandshakeError = refusedByServer({ status: 400, headers: odd });
    expect(Object.entries(headers)).toEqual([['__proto__', 'x']]);
  });

  it('say what came of the field that is wrong', () => {
    expect(answerRefusal('WS_ANSWER_UPGRADE', {}, 'Upgrade').message).toContain(
      'Upgrade did not come',
    );
  });
});
