import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  formatExtensions,
  isAllowedOrigin,
  negotiateExtensions,
  type Opening,
  openingAnswer,
  parseExtensions,
  readConnectOpening,
  readOpening,
  serverDeflate,
} from '@heddle/core';
import { acceptFor, SAMPLE_KEY } from '@heddle/testing';
import fc from 'fast-check';
import { readOrRefuse } from './handshake-error.ts';
import { extensionValues, type Fields, fields, nearly, occurrences } from './header-arbitrary.ts';
import { seldom } from './seldom.ts';
import { defineTarget } from './target.ts';

/** A request that may be a handshake. */
export interface OpeningInput {
  /** Over HTTP/2 there is no more than the fields (RFC 8441 §4). */
  readonly http2: boolean;
  readonly method: string;
  readonly httpVersion: string;
  readonly headers: Fields;
}

const LISTED = 'https://example.org';

const origins = fc.oneof(
  nearly(LISTED),
  fc.constantFrom(
    ...['null', 'http://example.org:80', 'https://EXAMPLE.org:443', 'https://example.org:8443'],
    ...['https://example.org.evil.test', 'https://evil.test/https://example.org', 'https://[::1]'],
    ...['https://example.org@evil.test', 'https://example.org:443:443', 'https://example.org/'],
  ),
);

const inputs: fc.Arbitrary<OpeningInput> = fc.record({
  http2: fc.boolean(),
  method: seldom('GET', 20, fc.constantFrom('get', 'POST', '')),
  httpVersion: seldom('1.1', 10, fc.constantFrom('2.0', '1.0', '0.9', '1.10', 'x')),
  headers: fields({
    host: occurrences(nearly('example.org')),
    ':authority': occurrences(nearly('example.org')),
    upgrade: occurrences(nearly('websocket')),
    connection: occurrences(nearly('keep-alive, Upgrade')),
    'sec-websocket-key': occurrences(nearly(SAMPLE_KEY)),
    'sec-websocket-version': occurrences(nearly('13')),
    'sec-websocket-protocol': seldom(undefined, 2, occurrences(nearly('chat, superchat'))),
    'sec-websocket-extensions': seldom(undefined, 2, occurrences(extensionValues)),
    origin: seldom(undefined, 2, occurrences(origins)),
    'transfer-encoding': seldom(undefined, 20, nearly('chunked')),
    'content-length': seldom(undefined, 8, nearly('0')),
  }),
});

/** A client's half of the handshake: a server reads it, or refuses it, as a few regular expressions do. */
export const openingTarget = defineTarget({ name: 'opening', inputs, check });

function check(input: OpeningInput): void {
  const { http2, headers } = input;
  const opening = readOrRefuse(
    () => (http2 ? readConnectOpening(headers) : readOpening(input)),
    (status) => status >= 400 && status < 500,
  );
  const expected = mustBeRead(input);
  if ((opening !== undefined) !== expected) {
    throw new Error(expected ? 'it is refused' : 'it is read');
  }
  if (opening === undefined) return;
  checkAnswer(opening);
  checkOrigin(opening);
}

function checkAnswer(opening: Opening): void {
  const extensions = negotiateExtensions(opening.extensions, [serverDeflate()]);
  const [subprotocol] = opening.subprotocols;
  const answer = openingAnswer(opening, { subprotocol, extensions }, sha1);
  if (opening.key !== undefined && answer['Sec-WebSocket-Accept'] !== acceptFor(opening.key)) {
    throw new Error('the proof is another');
  }
  const said = parseExtensions(formatExtensions(opening.extensions)) ?? [];
  if (!isDeepStrictEqual(said, opening.extensions)) throw new Error('extensions change');
  if (extensions.length > 1) throw new Error('an extension is accepted twice');
}

/** §10.2: a page that may connect is one of the server, or of the list, to a URL parser too. */
function checkOrigin({ origin, host }: Opening): void {
  if (origin === undefined) return;
  if (isAllowedOrigin('same', origin, host)) {
    const [page, server] = [new URL(origin), new URL(`http://${host}`)];
    if (page.hostname !== server.hostname) throw new Error(`${origin} passes for ${host}`);
  }
  if (isAllowedOrigin([LISTED], origin, host) && new URL(origin).origin !== LISTED) {
    throw new Error(`${origin} passes for ${LISTED}`);
  }
}

function sha1(ascii: string): Uint8Array {
  return createHash('sha1').update(ascii).digest();
}

/** What §4.2.1 and RFC 8441 §5 ask for. How extensions are written is a matter of `extensionsTarget`. */
function mustBeRead({ http2, method, httpVersion, headers }: OpeningInput): boolean {
  const lines = (name: string) => [headers[name] ?? []].flat().map(trim);
  const all = (name: string) => lines(name).join(', ');
  const once = (name: string, is: RegExp) => lines(name).length === 1 && is.test(all(name));
  const came = (name: string) => lines(name).length > 0;
  const offer =
    once('sec-websocket-version', /^13$/) &&
    (!came('sec-websocket-protocol') || areUniqueTokens(all('sec-websocket-protocol'))) &&
    (!came('sec-websocket-extensions') ||
      parseExtensions(all('sec-websocket-extensions')) !== undefined);
  if (http2) return offer && !!lines(':authority')[0];
  return (
    offer &&
    method === 'GET' &&
    /^(1\.[1-9]|[2-9]\.\d)$/.test(httpVersion) &&
    once('host', /./s) &&
    /(^|,)[ \t]*websocket[ \t]*(,|$)/i.test(all('upgrade')) &&
    /(^|,)[ \t]*upgrade[ \t]*(,|$)/i.test(all('connection')) &&
    !came('transfer-encoding') &&
    (!came('content-length') || all('content-length') === '0') &&
    once('sec-websocket-key', /^[A-Za-z0-9+/]{22}==$/)
  );
}

/** `1#token`, with the empty elements that a recipient must ignore (RFC 9110 §5.6.1). */
function areUniqueTokens(list: string): boolean {
  const names = list
    .split(',')
    .map(trim)
    .filter((name) => name !== '');
  const tokens = names.every((name) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name));
  return names.length > 0 && tokens && new Set(names).size === names.length;
}

function trim(line: string): string {
  return line.replaceAll(/^[ \t]+|[ \t]+$/g, '');
}
