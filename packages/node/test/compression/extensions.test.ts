import { negotiateExtensions, parseExtensions } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { clientExtensions, serverExtensions } from '../../src/compression/extensions.ts';
import type { CompressionOptions } from '../../src/options.ts';
import { resolveOptions } from '../../src/resolve-options.ts';

function resolved(compression: boolean | CompressionOptions) {
  return resolveOptions({ compression }).compression;
}

type Parameters = readonly (readonly [name: string, value: string | undefined])[];

function format(parameters: Parameters): string {
  return parameters
    .map(([name, value]) => (value === undefined ? name : `${name}=${value}`))
    .join('; ');
}

/** What a client offers, one string for each offer. */
function offered(compression: boolean | CompressionOptions): string[] {
  return clientExtensions(resolved(compression)).flatMap((extension) =>
    extension.offers().map(format),
  );
}

/** What a server answers to offers as they stand in a header field; `undefined` if it declines all. */
function answered(offers: string, compression: boolean | CompressionOptions = true) {
  const parsed = parseExtensions(offers);
  if (parsed === undefined) throw new Error('a malformed field never gets here');
  const [accepted] = negotiateExtensions(parsed, serverExtensions(resolved(compression)));
  return accepted && { parameters: format(accepted.parameters), ...accepted.extension };
}

describe('A client', () => {
  it('offers nothing by default', () => {
    expect(offered(false)).toEqual([]);
    expect(clientExtensions(resolveOptions({}).compression)).toEqual([]);
  });

  it('leaves its window to the server, and asks for nothing', () => {
    expect(offered(true)).toEqual(['client_max_window_bits']);
    expect(offered({ level: 1, thresholdBytes: 0, memLevel: 9 })).toEqual([
      'client_max_window_bits',
    ]);
  });

  it.each<[CompressionOptions, string]>([
    [{ clientMaxWindowBits: 10 }, 'client_max_window_bits=10'],
    [{ clientNoContextTakeover: true }, 'client_no_context_takeover; client_max_window_bits'],
    [{ serverNoContextTakeover: false }, 'client_max_window_bits'],
  ])('says once what it does itself: %o', (compression, offer) => {
    expect(offered(compression)).toEqual([offer]);
  });

  it.each<[CompressionOptions, string, string]>([
    [
      { serverMaxWindowBits: 10 },
      'server_max_window_bits=10; client_max_window_bits',
      'client_max_window_bits',
    ],
    [
      { serverNoContextTakeover: true, clientNoContextTakeover: true, clientMaxWindowBits: 11 },
      'server_no_context_takeover; client_no_context_takeover; client_max_window_bits=11',
      'client_no_context_takeover; client_max_window_bits=11',
    ],
  ])('can do without what it asks the server for: %o', (compression, wanted, ours) => {
    expect(offered(compression)).toEqual([wanted, ours]);
  });

  it.each([
    [{ serverMaxWindowBits: 10 }, 'server_max_window_bits=10', 10],
    [{ serverMaxWindowBits: 10 }, '', 15],
    [{ serverMaxWindowBits: 10 }, 'server_max_window_bits=15', 15],
    [true, 'server_max_window_bits=8', 8],
  ] as const)('that offered %o takes the answer %o', (compression, answer, bits) => {
    const [extension] = clientExtensions(resolved(compression));
    const [{ parameters = [] } = {}] = parseExtensions(`x; ${answer}`.replace(/; $/, '')) ?? [];
    expect(extension?.accept(parameters)?.decompressor.windowBits).toBe(bits);
  });
});

describe('A server', () => {
  it('knows no extension by default', () => {
    expect(serverExtensions(resolveOptions({}).compression)).toEqual([]);
    expect(answered('permessage-deflate', false)).toBeUndefined();
  });

  it.each<[string, true | CompressionOptions, string]>([
    // 12 window bits, for itself whatever the client says, for the client if it lets us.
    ['permessage-deflate', true, 'server_max_window_bits=12'],
    [
      'permessage-deflate; client_max_window_bits',
      true,
      'server_max_window_bits=12; client_max_window_bits=12',
    ],
    [
      'permessage-deflate; client_max_window_bits=9; server_max_window_bits=10',
      true,
      'server_max_window_bits=10; client_max_window_bits=9',
    ],
    [
      'permessage-deflate; client_max_window_bits=15; server_max_window_bits=15',
      true,
      'server_max_window_bits=12; client_max_window_bits=12',
    ],
    // A client may say 8 of itself: we inflate with 9.
    [
      'permessage-deflate; client_max_window_bits=8',
      true,
      'server_max_window_bits=12; client_max_window_bits=8',
    ],
    [
      'permessage-deflate; client_max_window_bits',
      { serverMaxWindowBits: 15, clientMaxWindowBits: 15 },
      '',
    ],
    [
      'permessage-deflate; client_max_window_bits',
      { serverMaxWindowBits: 9, clientMaxWindowBits: 10 },
      'server_max_window_bits=9; client_max_window_bits=10',
    ],
    [
      'permessage-deflate',
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      'server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12',
    ],
    [
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
      true,
      'server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12',
    ],
    [
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
        'server_max_window_bits=11; client_max_window_bits=11',
      true,
      'server_no_context_takeover; client_no_context_takeover; server_max_window_bits=11; ' +
        'client_max_window_bits=11',
    ],
    // RFC 7692 §7.1.3: the second offer, where the first asks for what we cannot do.
    [
      'permessage-deflate; server_max_window_bits=8, permessage-deflate; client_max_window_bits=13',
      true,
      'server_max_window_bits=12; client_max_window_bits=12',
    ],
    ['x-webkit-deflate-frame, permessage-deflate', true, 'server_max_window_bits=12'],
  ])('answers %s, with %o', (offers, compression, answer) => {
    expect(answered(offers, compression)?.parameters).toBe(answer);
  });

  it.each([
    'permessage-deflate; server_max_window_bits=8',
    'permessage-deflate; server_max_window_bits=7',
    'permessage-deflate; server_max_window_bits=16',
    'permessage-deflate; server_max_window_bits=010',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; client_max_window_bits=16',
    'permessage-deflate; client_max_window_bits=',
    'permessage-deflate; client_no_context_takeover=1',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
    'permessage-deflate; unheard_of',
    'permessage-bzip2',
  ])('declines %s', (offers) => {
    expect(parseExtensions(offers) === undefined || answered(offers) === undefined).toBe(true);
  });

  it('compresses and decompresses as it has answered', () => {
    const offers = 'permessage-deflate; client_max_window_bits=8; server_no_context_takeover';
    expect(answered(offers)).toMatchObject({
      compressor: { windowBits: 12, takeover: false },
      decompressor: { windowBits: 8, takeover: true },
    });
  });
});
