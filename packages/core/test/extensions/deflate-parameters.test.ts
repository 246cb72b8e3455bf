import { describe, expect, it } from 'vitest';
import {
  type DeflateParameters,
  formatDeflateParameters,
  MAX_WINDOW_BITS,
  parseDeflateParameters,
} from '../../src/extensions/deflate-parameters.ts';
import { parseExtensions } from '../../src/extensions/extension-list.ts';

const nothing: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: undefined,
  clientMaxWindowBits: undefined,
};

function parse(text: string, statement: 'offer' | 'answer') {
  const [extension] = parseExtensions(`permessage-deflate${text}`) ?? [];
  return parseDeflateParameters(extension?.parameters ?? [], statement);
}

describe.each(['offer', 'answer'] as const)(
  'RFC 7692 §7.1, the parameters of an %s',
  (statement) => {
    it.each<[string, Partial<DeflateParameters>]>([
      ['', {}],
      ['; server_no_context_takeover', { serverNoContextTakeover: true }],
      ['; client_no_context_takeover', { clientNoContextTakeover: true }],
      ['; server_max_window_bits=10', { serverMaxWindowBits: 10 }],
      ['; client_max_window_bits=8', { clientMaxWindowBits: 8 }],
      ['; client_max_window_bits="15"', { clientMaxWindowBits: 15 }],
      [
        '; client_max_window_bits=9; server_no_context_takeover; server_max_window_bits=15',
        { clientMaxWindowBits: 9, serverNoContextTakeover: true, serverMaxWindowBits: 15 },
      ],
    ])('are read from %j', (text, parameters) => {
      expect(parse(text, statement)).toEqual({ ...nothing, ...parameters });
    });

    it('may be any window from 8 to 15', () => {
      const sizes = Array.from({ length: 18 }, (_, bits) => bits).filter(
        (bits) => parse(`; server_max_window_bits=${bits}`, statement) !== undefined,
      );
      expect(sizes).toEqual([8, 9, 10, 11, 12, 13, 14, MAX_WINDOW_BITS]);
    });

    it.each([
      '; server_max_window_bits',
      '; server_max_window_bits=7',
      '; server_max_window_bits=16',
      '; server_max_window_bits=1000',
      '; server_max_window_bits=010',
      '; server_max_window_bits=+10',
      '; server_max_window_bits=-10',
      '; server_max_window_bits=1e1',
      '; server_max_window_bits=10.0',
      '; server_max_window_bits=0xa',
      '; client_max_window_bits=08',
      '; client_max_window_bits=99999999999999999999',
      '; server_no_context_takeover=1',
      '; client_no_context_takeover=true',
      '; client_no_context_takeover; client_no_context_takeover',
      '; server_max_window_bits=10; server_max_window_bits=10',
      '; client_max_window_bits=10; client_max_window_bits',
      '; unknown',
      '; Server_Max_Window_Bits=10',
      '; __proto__',
      '; constructor=10',
      '; server_max_window_bits=10; toString',
    ])('are refused: %j', (text) => {
      expect(parse(text, statement)).toBeUndefined();
    });
  },
);

describe('RFC 7692 §7.1.2.2, client_max_window_bits without a value', () => {
  it('limits nothing in an offer, and lets the answer do so', () => {
    expect(parse('; client_max_window_bits', 'offer')).toEqual({
      ...nothing,
      clientMaxWindowBits: 15,
    });
    const offer = { ...nothing, clientMaxWindowBits: 15 };
    expect(formatDeflateParameters(offer, 'offer')).toEqual([
      ['client_max_window_bits', undefined],
    ]);
  });

  it('means nothing in an answer', () => {
    expect(parse('; client_max_window_bits', 'answer')).toBeUndefined();
    const answer = { ...nothing, clientMaxWindowBits: 15 };
    expect(formatDeflateParameters(answer, 'answer')).toEqual([['client_max_window_bits', '15']]);
  });
});

describe('what we send', () => {
  it('is only what is said', () => {
    expect(formatDeflateParameters(nothing, 'offer')).toEqual([]);
    expect(formatDeflateParameters(nothing, 'answer')).toEqual([]);
  });

  it.each(['offer', 'answer'] as const)('is understood as it was meant, in an %s', (statement) => {
    const parameters = {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 11,
      clientMaxWindowBits: 12,
    };
    const formatted = formatDeflateParameters(parameters, statement);
    expect(formatted).toEqual([
      ['server_no_context_takeover', undefined],
      ['client_no_context_takeover', undefined],
      ['server_max_window_bits', '11'],
      ['client_max_window_bits', '12'],
    ]);
    expect(parseDeflateParameters(formatted, statement)).toEqual(parameters);
  });
});
