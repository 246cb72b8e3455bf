import { describe, expect, it } from 'vitest';
import { negotiateExtensions } from '../../src/extensions/extension.ts';
import { formatExtensions, parseExtensions } from '../../src/extensions/extension-list.ts';
import {
  clientDeflate,
  type DeflateOptions,
  type PermessageDeflate,
  serverDeflate,
} from '../../src/extensions/permessage-deflate.ts';

/** What a server answers to the offers, and what it does then. */
function serve(offers: string, options?: DeflateOptions) {
  const list = parseExtensions(offers) ?? [];
  const accepted = negotiateExtensions(list, [serverDeflate(options)]);
  const answers = accepted.map(({ extension: { name }, parameters }) => ({ name, parameters }));
  return { answer: formatExtensions(answers), deflate: accepted[0]?.extension };
}

/** What a client makes of an answer to its offers. */
function connect(
  answer: string,
  alternatives?: readonly DeflateOptions[],
): PermessageDeflate | undefined {
  const [extension] = parseExtensions(answer) ?? [];
  return clientDeflate(alternatives).accept(extension?.parameters ?? []);
}

function offersOf(alternatives?: readonly DeflateOptions[]): string {
  const { name, offers } = clientDeflate(alternatives);
  return formatExtensions(offers().map((parameters) => ({ name, parameters })));
}

describe('RFC 7692 §7.1.3, the examples', () => {
  it('accepts the simplest offer with the simplest answer', () => {
    const { answer, deflate } = serve('permessage-deflate');
    expect(answer).toBe('permessage-deflate');
    expect(deflate).toEqual({
      name: 'permessage-deflate',
      rsv: 4,
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
      compressor: { windowBits: 15, takeover: true },
      decompressor: { windowBits: 15, takeover: true },
    });
    expect(connect('permessage-deflate')).toEqual(deflate);
  });

  it('accepts a small window for the server, and says so', () => {
    const offers = 'permessage-deflate; client_max_window_bits; server_max_window_bits=10';
    const { answer, deflate } = serve(offers);
    expect(answer).toBe('permessage-deflate; server_max_window_bits=10');
    expect(deflate).toMatchObject({ compressor: { windowBits: 10 }, clientMaxWindowBits: 15 });
    expect(connect(answer, [{ serverMaxWindowBits: 10 }])).toMatchObject({
      decompressor: { windowBits: 10 },
    });
  });

  it('falls back to the second offer if the first asks for too much', () => {
    const offers =
      'permessage-deflate; client_max_window_bits; server_max_window_bits=8, ' +
      'permessage-deflate; client_max_window_bits';
    expect(serve(offers).answer).toBe('permessage-deflate');
    expect(connect('permessage-deflate', [{ serverMaxWindowBits: 8 }, {}])).toBeDefined();
  });
});

describe('RFC 7692 §7.1, what a server answers', () => {
  it.each<[string, DeflateOptions, string]>([
    ['server_no_context_takeover', {}, 'server_no_context_takeover'],
    ['client_no_context_takeover', {}, 'client_no_context_takeover'],
    ['server_max_window_bits="12"', {}, 'server_max_window_bits=12'],
    ['server_max_window_bits=15', {}, 'server_max_window_bits=15'],
    ['server_max_window_bits=12', { serverMaxWindowBits: 10 }, 'server_max_window_bits=10'],
    ['server_max_window_bits=10', { serverMaxWindowBits: 12 }, 'server_max_window_bits=10'],
    ['client_max_window_bits=10', {}, 'client_max_window_bits=10'],
    ['client_max_window_bits=8', {}, 'client_max_window_bits=8'],
    ['client_max_window_bits', { clientMaxWindowBits: 11 }, 'client_max_window_bits=11'],
    ['client_max_window_bits=10', { clientMaxWindowBits: 11 }, 'client_max_window_bits=10'],
    ['client_max_window_bits=12', { clientMaxWindowBits: 11 }, 'client_max_window_bits=11'],
  ])('accepts "%s" with the options %j by "%s"', (offer, options, answer) => {
    expect(serve(`permessage-deflate; ${offer}`, options).answer).toBe(
      `permessage-deflate; ${answer}`,
    );
  });

  it('asks unasked for what the options say, but never for client_max_window_bits', () => {
    const options = {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 9,
      clientMaxWindowBits: 9,
    };
    const { answer, deflate } = serve('permessage-deflate', options);
    expect(answer).toBe(
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
        'server_max_window_bits=9',
    );
    expect(deflate).toMatchObject({
      compressor: { windowBits: 9, takeover: false },
      decompressor: { windowBits: 15, takeover: false },
    });
  });

  it('does not mention options that limit nothing', () => {
    const options = { serverMaxWindowBits: 15, clientMaxWindowBits: 15 };
    expect(serve('permessage-deflate; client_max_window_bits', options).answer).toBe(
      'permessage-deflate',
    );
  });

  it.each([
    'server_max_window_bits=8',
    'server_max_window_bits',
    'server_max_window_bits=16',
    'server_no_context_takeover=1',
    'client_max_window_bits=08',
    'client_max_window_bits; client_max_window_bits',
    'unknown',
    '__proto__',
  ])('declines "%s" and asks the next offer', (offer) => {
    expect(serve(`permessage-deflate; ${offer}`).answer).toBe('');
    expect(serve(`permessage-deflate; ${offer}, permessage-deflate`).answer).toBe(
      'permessage-deflate',
    );
  });

  it('does not know extensions of other names', () => {
    expect(serve('x-webkit-deflate-frame, Permessage-Deflate').answer).toBe('');
  });
});

describe('RFC 7692 §7.1, what a client offers', () => {
  it('lets the server limit our window, and no more, by default', () => {
    expect(offersOf()).toBe('permessage-deflate; client_max_window_bits');
  });

  it('is every alternative, the preferable first', () => {
    const alternatives = [
      { serverNoContextTakeover: true, clientNoContextTakeover: true, clientMaxWindowBits: 9 },
      { serverMaxWindowBits: 8 },
      {},
    ];
    expect(offersOf(alternatives)).toBe(
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
        'client_max_window_bits=9, ' +
        'permessage-deflate; server_max_window_bits=8; client_max_window_bits, ' +
        'permessage-deflate; client_max_window_bits',
    );
  });
});

describe('RFC 7692 §7.1, what a client makes of the answer', () => {
  it('keeps to what the server limits', () => {
    const answer =
      'permessage-deflate; client_no_context_takeover; client_max_window_bits=11; ' +
      'server_no_context_takeover; server_max_window_bits=12';
    expect(connect(answer)).toMatchObject({
      compressor: { windowBits: 11, takeover: false },
      decompressor: { windowBits: 12, takeover: false },
    });
  });

  it('keeps to what it offered even if the answer is silent', () => {
    const alternatives = [{ clientNoContextTakeover: true, clientMaxWindowBits: 10 }];
    expect(connect('permessage-deflate', alternatives)).toMatchObject({
      clientNoContextTakeover: true,
      clientMaxWindowBits: 10,
      compressor: { windowBits: 10, takeover: false },
      decompressor: { windowBits: 15, takeover: true },
    });
  });

  it.each<[string, DeflateOptions]>([
    ['', { serverNoContextTakeover: true }],
    ['', { serverMaxWindowBits: 10 }],
    ['; server_max_window_bits=11', { serverMaxWindowBits: 10 }],
    ['; client_max_window_bits=11', { clientMaxWindowBits: 10 }],
    ['; client_max_window_bits', {}],
    ['; server_max_window_bits', {}],
    ['; server_max_window_bits=7', {}],
    ['; server_max_window_bits=1000', {}],
    ['; server_no_context_takeover; server_no_context_takeover', {}],
    ['; unknown', {}],
  ])('fails for "%s" where it offered %j', (answer, options) => {
    expect(connect(`permessage-deflate${answer}`, [options])).toBeUndefined();
  });

  it('accepts the very limits that it offered', () => {
    const answer = 'permessage-deflate; server_max_window_bits=10; client_max_window_bits=11';
    expect(connect(answer, [{ serverMaxWindowBits: 10, clientMaxWindowBits: 11 }])).toMatchObject({
      serverMaxWindowBits: 10,
      clientMaxWindowBits: 11,
    });
  });

  it('accepts no answer if it offered nothing', () => {
    expect(offersOf([])).toBe('');
    expect(connect('permessage-deflate', [])).toBeUndefined();
  });
});

describe('a window of 2^8, which zlib can read but not write', () => {
  it('is declined by a server that would have to write it', () => {
    expect(serve('permessage-deflate; server_max_window_bits=8').deflate).toBeUndefined();
  });

  it('makes a client send every message uncompressed', () => {
    const deflate = connect('permessage-deflate; client_max_window_bits=8');
    expect(deflate).toMatchObject({ clientMaxWindowBits: 8, compressor: undefined });
    expect(deflate?.decompressor).toEqual({ windowBits: 15, takeover: true });
  });

  it('is read by both sides', () => {
    const { deflate } = serve('permessage-deflate; client_max_window_bits=8');
    expect(deflate).toMatchObject({ clientMaxWindowBits: 8, decompressor: { windowBits: 8 } });
    expect(connect('permessage-deflate; server_max_window_bits=8')).toMatchObject({
      serverMaxWindowBits: 8,
      decompressor: { windowBits: 8 },
    });
  });
});

describe('options out of range', () => {
  const invalid = (option: string, range: string, given: number) =>
    expect.objectContaining({
      name: 'UsageError',
      code: 'WS_INVALID_OPTION',
      message: `Invalid option: ${option} must be a whole number from ${range}, not ${given}`,
    });

  it.each([8, 16, 9.5, Number.NaN])('are refused for our own window: %d', (bits) => {
    expect(() => serverDeflate({ serverMaxWindowBits: bits })).toThrow(
      invalid('serverMaxWindowBits', '9 to 15', bits),
    );
    expect(() => clientDeflate([{}, { clientMaxWindowBits: bits }])).toThrow(
      invalid('clientMaxWindowBits', '9 to 15', bits),
    );
  });

  it.each([7, 16, 8.5])("are refused for the peer's window: %d", (bits) => {
    expect(() => serverDeflate({ clientMaxWindowBits: bits })).toThrow(
      invalid('clientMaxWindowBits', '8 to 15', bits),
    );
    expect(() => clientDeflate([{ serverMaxWindowBits: bits }])).toThrow(
      invalid('serverMaxWindowBits', '8 to 15', bits),
    );
  });
});
