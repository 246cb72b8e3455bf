import { describe, expect, it } from 'vitest';
import { HandshakeError } from '../../src/errors.ts';
import { clientDeflate } from '../../src/extensions/permessage-deflate.ts';
import { readAnswer } from '../../src/handshake/client-handshake.ts';
import type { HeaderFields } from '../../src/handshake/header-fields.ts';
import { isAllowedOrigin, refuseOrigin } from '../../src/handshake/origin.ts';
import {
  type AnswerRefusalCode,
  answerRefusals,
  type RefusalCode,
  type RequestRefusalCode,
  refusals,
  requestRefusals,
} from '../../src/handshake/refusal.ts';
import { type OpeningRequest, readOpening } from '../../src/handshake/server-handshake.ts';
import { KEY, rfcRequest, rfcResponse, sha1 } from './rfc-example.ts';

/** A request that breaks each rule. A rule without an example does not compile. */
const requests: Record<RequestRefusalCode, OpeningRequest> = {
  WS_HANDSHAKE_METHOD: { ...rfcRequest(), method: 'POST' },
  WS_HANDSHAKE_HTTP_VERSION: { ...rfcRequest(), httpVersion: '1.0' },
  WS_HANDSHAKE_HOST: rfcRequest({ host: undefined }),
  WS_HANDSHAKE_UPGRADE: rfcRequest({ upgrade: 'h2c' }),
  WS_HANDSHAKE_CONNECTION: rfcRequest({ connection: 'keep-alive' }),
  WS_HANDSHAKE_BODY: rfcRequest({ 'content-length': '5' }),
  WS_HANDSHAKE_VERSION_MISSING: rfcRequest({ 'sec-websocket-version': undefined }),
  WS_HANDSHAKE_VERSION: rfcRequest({ 'sec-websocket-version': '25' }),
  WS_HANDSHAKE_KEY: rfcRequest({ 'sec-websocket-key': 'AAAA' }),
  WS_HANDSHAKE_SUBPROTOCOLS: rfcRequest({ 'sec-websocket-protocol': 'chat, chat' }),
  WS_HANDSHAKE_EXTENSIONS: rfcRequest({ 'sec-websocket-extensions': 'foo; bar="' }),
  WS_HANDSHAKE_ORIGIN: rfcRequest({ origin: 'https://evil.example' }),
};

/** The header fields of an answer that breaks each rule, or its status. */
const answers: Record<AnswerRefusalCode, HeaderFields | number> = {
  WS_HANDSHAKE_REFUSED: 401,
  WS_ANSWER_UPGRADE: { upgrade: 'h2c' },
  WS_ANSWER_CONNECTION: { connection: 'close' },
  WS_ANSWER_ACCEPT: { 'sec-websocket-accept': KEY },
  WS_ANSWER_HEADER_REPEATED: { 'sec-websocket-protocol': ['chat', 'chat'] },
  WS_ANSWER_EXTENSIONS: { 'sec-websocket-extensions': 'permessage-deflate; =' },
  WS_ANSWER_EXTENSION_NOT_OFFERED: { 'sec-websocket-extensions': 'mux' },
  WS_ANSWER_EXTENSION_UNUSABLE: {
    'sec-websocket-extensions': 'permessage-deflate; server_max_window_bits=16',
  },
  WS_ANSWER_SUBPROTOCOL: { 'sec-websocket-protocol': 'json' },
};

/** What a server does with a request before it accepts it. */
function serve(request: OpeningRequest): void {
  const { origin, host } = readOpening(request);
  if (!isAllowedOrigin('same', origin, host)) throw refuseOrigin(origin, host);
}

function connect(answer: HeaderFields | number): void {
  const opening = { key: KEY, subprotocols: ['chat'], extensions: [clientDeflate()] };
  const { status, headers } = rfcResponse(typeof answer === 'number' ? {} : answer);
  readAnswer({ status: typeof answer === 'number' ? answer : status, headers }, opening, sha1);
}

function thrownBy(action: () => void): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

const provoked = {
  // Nothing that a request says: whoever counts connections throws it.
  WS_HANDSHAKE_ADDRESS: new HandshakeError('WS_HANDSHAKE_ADDRESS', '192.0.2.1 has its 10'),
  ...mapValues(requests, (request) => thrownBy(() => serve(request))),
  ...mapValues(answers, (answer) => thrownBy(() => connect(answer))),
};

function mapValues<Key extends string, In, Out>(
  record: Record<Key, In>,
  change: (value: In) => Out,
): Partial<Record<Key, Out>> {
  const mapped: Partial<Record<Key, Out>> = {};
  for (const key of Object.keys(record) as Key[]) mapped[key] = change(record[key]);
  return mapped;
}

describe.each(Object.keys(refusals) as RefusalCode[])('%s', (code) => {
  const { message, source } = refusals[code];
  const error = provoked[code];

  it('is what a peer that breaks the rule provokes', () => {
    expect(error).toBeInstanceOf(HandshakeError);
    expect(error).toMatchObject({ code });
  });

  it(`says what would be right, what came, and where it is written: ${source}`, () => {
    const text = error instanceof HandshakeError ? error.message : '';
    expect(text.startsWith(`${message}: `)).toBe(true);
    expect(text.endsWith(` (${source})`)).toBe(true);
    expect(source).toMatch(/^RFC (6455|7692|9110) §\d+(\.\d+)*$/);
  });
});

describe('the status and header fields of a refusal', () => {
  it.each(Object.keys(requestRefusals) as RequestRefusalCode[])('%s makes a response', (code) => {
    const { status, headers } = requestRefusals[code];
    expect(provoked[code]).toMatchObject({ status, statusCode: status, headers });
    expect(status).toBeGreaterThanOrEqual(400);
    // RFC 9110 §15.5.22: a 426 must say in Upgrade what it requires.
    expect(Object.keys(headers).includes('Upgrade')).toBe(status === 426);
  });

  it('that is for want of room says when to come back', () => {
    expect(provoked.WS_HANDSHAKE_ADDRESS).toMatchObject({
      status: 503,
      headers: { 'Retry-After': '5' },
    });
  });

  it.each(Object.keys(answerRefusals) as AnswerRefusalCode[])(
    '%s has that of the answer',
    (code) => {
      const status = code === 'WS_HANDSHAKE_REFUSED' ? 401 : 101;
      expect(provoked[code]).toMatchObject({ status });
    },
  );
});
