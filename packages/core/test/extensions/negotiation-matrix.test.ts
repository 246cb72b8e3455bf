import { describe, expect, it } from 'vitest';
import { HandshakeError } from '../../src/errors.ts';
import { negotiateExtensions } from '../../src/extensions/extension.ts';
import {
  clientDeflate,
  type DeflateOptions,
  type PermessageDeflate,
  serverDeflate,
} from '../../src/extensions/permessage-deflate.ts';
import { openingFields, readAnswer } from '../../src/handshake/client-handshake.ts';
import { openingAnswer, readOpening } from '../../src/handshake/server-handshake.ts';
import { ACCEPT, KEY, rfcRequest, rfcResponse, sha1 } from '../handshake/rfc-example.ts';
import {
  answers,
  answerTo,
  BITS,
  brokenRule,
  type Contexts,
  connected,
  FLAG,
  fieldOf,
  offers,
  parametersOf,
  type Statement,
  served,
  statements,
  textOf,
  windowOf,
} from './negotiation-oracle.ts';

/** How two outcomes differ, for a list that is to be empty. */
function mismatch(what: string, actual: unknown, expected: unknown): readonly string[] {
  const [is, shouldBe] = [JSON.stringify(actual), JSON.stringify(expected)];
  return is === shouldBe ? [] : [`${what}: ${is}, not ${shouldBe}`];
}

function contextsOf(deflate: PermessageDeflate | undefined): Contexts {
  return { compressor: deflate?.compressor, decompressor: deflate?.decompressor };
}

// The server

/** What to expect of `serve`. That the extension is declined is no reason to refuse the handshake. */
function accepted(answer: Statement | undefined) {
  return { accept: ACCEPT, ...served(answer) };
}

/** What a server answers to the value of a header field, and what it does then. */
function serve(value: string | string[], options: DeflateOptions = {}) {
  const opening = readOpening(rfcRequest({ 'sec-websocket-extensions': value }));
  const extensions = negotiateExtensions(opening.extensions, [serverDeflate(options)]);
  const fields = openingAnswer(opening, { extensions }, sha1);
  return {
    accept: fields['Sec-WebSocket-Accept'],
    answer: fields['Sec-WebSocket-Extensions'],
    ...contextsOf(extensions[0]?.extension),
  };
}

const wishes: readonly DeflateOptions[] = [
  {},
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true },
  { serverMaxWindowBits: 9 },
  { serverMaxWindowBits: 12 },
  { serverMaxWindowBits: 15 },
  { clientMaxWindowBits: 8 },
  { clientMaxWindowBits: 12 },
  { clientMaxWindowBits: 15 },
  { serverMaxWindowBits: 12, clientMaxWindowBits: 12 },
  {
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 9,
    clientMaxWindowBits: 8,
  },
];

describe('RFC 7692 §7.1, every offer', () => {
  it.each(wishes)('is answered by a server that wants %j as the RFC has it', (wanted) => {
    const mismatches = offers.flatMap((offer) => {
      const expected = accepted(answerTo(offer, wanted));
      return mismatch(textOf(offer), serve(textOf(offer), wanted), expected);
    });
    expect(mismatches).toEqual([]);
  });

  it('is answered alike in whatever order its parameters come', () => {
    const mismatches = offers.flatMap((offer) => {
      const reversed = fieldOf(parametersOf(offer).toReversed());
      return mismatch(reversed, serve(reversed), serve(textOf(offer)));
    });
    expect(mismatches).toEqual([]);
  });

  it('is accepted by no answer that breaks a rule: the expectations are sound', () => {
    const broken = wishes.flatMap((wanted) =>
      offers.flatMap((offer) => {
        const answer = answerTo(offer, wanted);
        return answer === undefined
          ? []
          : mismatch(textOf(offer), brokenRule(offer, answer), undefined);
      }),
    );
    expect(broken).toEqual([]);
  });

  it('is declined if it wants a window of 2^8 from the server, and no answer says 8 for it', () => {
    const wrong = wishes.flatMap((wanted) =>
      offers.flatMap((offer) => {
        const { answer } = serve(textOf(offer), wanted);
        const declined = mismatch(
          textOf(offer),
          answer === undefined,
          offer.server_max_window_bits === 8,
        );
        return answer?.includes('server_max_window_bits=8') ? [answer, ...declined] : declined;
      }),
    );
    expect(wrong).toEqual([]);
  });
});

describe('RFC 7692 §7.1.3, several offers', () => {
  it.each([{}, { serverMaxWindowBits: 12, clientMaxWindowBits: 12 }])(
    'fall back from each that a server that wants %j declines',
    (wanted) => {
      const last = statements([false], [true]);
      const mismatches = offers.flatMap((first) =>
        last.flatMap((second) => {
          const value = `${textOf(first)}, ${textOf(second)}`;
          const expected = accepted(answerTo(first, wanted) ?? answerTo(second, wanted));
          return mismatch(value, serve(value, wanted), expected);
        }),
      );
      expect(mismatches).toEqual([]);
    },
  );

  it('may come in several header fields', () => {
    const fields = [
      'mux; max-channels=4, permessage-deflate; server_max_window_bits=8',
      'permessage-deflate; unknown',
      'permessage-deflate; server_max_window_bits=10, permessage-deflate',
    ];
    expect(serve(fields).answer).toBe('permessage-deflate; server_max_window_bits=10');
  });

  it('that are all declined leave a handshake without the extension', () => {
    const declined = [
      'permessage-deflate; server_max_window_bits=8',
      'permessage-deflate; server_max_window_bits',
      'permessage-deflate; unknown',
    ];
    expect(serve(declined.join(', '))).toEqual(accepted(undefined));
  });
});

// The client

/** What a client makes of an answer to its offers: how it compresses, or the code of its refusal. */
function connect(answer: string, alternatives: readonly DeflateOptions[]): Contexts | string {
  const opening = { key: KEY, extensions: [clientDeflate(alternatives)] };
  const changes = {
    'sec-websocket-protocol': undefined,
    'sec-websocket-extensions': answer,
  };
  try {
    return contextsOf(readAnswer(rfcResponse(changes), opening, sha1).extensions[0]);
  } catch (error) {
    if (error instanceof HandshakeError) return error.code;
    throw error;
  }
}

/** Everything that a client can be asked to offer, with the offer that it is. */
function offersFor(
  serverMaxWindowBits: number | undefined,
): readonly { options: DeflateOptions; offer: Statement }[] {
  const ourBits = [undefined, ...BITS.filter((bits) => bits > 8)];
  return FLAG.flatMap((serverNoContextTakeover) =>
    FLAG.flatMap((clientNoContextTakeover) =>
      ourBits.map((clientMaxWindowBits) => ({
        options: {
          serverNoContextTakeover,
          clientNoContextTakeover,
          serverMaxWindowBits,
          clientMaxWindowBits,
        },
        offer: {
          server_no_context_takeover: serverNoContextTakeover,
          client_no_context_takeover: clientNoContextTakeover,
          server_max_window_bits: serverMaxWindowBits ?? false,
          // §7.1.2.2: without a value it only informs "that the client supports" the parameter.
          client_max_window_bits:
            windowOf(clientMaxWindowBits) < 15 ? windowOf(clientMaxWindowBits) : true,
        },
      })),
    ),
  );
}

describe.each([undefined, ...BITS])(
  'RFC 7692 §7.1, a client that wants a server window of %s',
  (serverMaxWindowBits) => {
    const made = offersFor(serverMaxWindowBits);

    it('offers what it is asked to', () => {
      const mismatches = made.flatMap(({ options, offer }) => {
        const fields = openingFields({ key: KEY, extensions: [clientDeflate([options])] });
        return mismatch(JSON.stringify(options), fields['Sec-WebSocket-Extensions'], textOf(offer));
      });
      expect(mismatches).toEqual([]);
    });

    it('takes every answer that accepts one of its offers, and no other', () => {
      const mismatches = made.flatMap(({ options, offer }) =>
        answers.flatMap((answer) => {
          const what = `${textOf(offer)} → ${textOf(answer)}`;
          return mismatch(what, connect(textOf(answer), [options]), connected([offer], answer));
        }),
      );
      expect(mismatches).toEqual([]);
    });
  },
);

describe('RFC 7692 §7.1, a client with an alternative', () => {
  it('takes an answer to either of its offers, as one to the first that allows it', () => {
    const made = [8, 10, undefined].flatMap(offersFor).filter((_, index) => index % 7 === 0);
    const mismatches = made.flatMap((one) =>
      made.flatMap((other) =>
        answers.flatMap((answer) => {
          const what = `${textOf(one.offer)}, ${textOf(other.offer)} → ${textOf(answer)}`;
          const actual = connect(textOf(answer), [one.options, other.options]);
          return mismatch(what, actual, connected([one.offer, other.offer], answer));
        }),
      ),
    );
    expect(mismatches).toEqual([]);
  });

  it('keeps the extension where it is told to use a window of 2^8, and compresses nothing', () => {
    expect(connect('permessage-deflate; client_max_window_bits=8', [{}])).toEqual({
      compressor: undefined,
      decompressor: { windowBits: 15, takeover: true },
    });
  });
});

// What no statement may hold

const VALUES = ['7', '16', '08', '+9', '9.0', '0', '-9', '1e1', '0x9', '"7"', '99999999999'];
const WINDOWS = ['server_max_window_bits', 'client_max_window_bits'];
const TAKEOVERS = ['server_no_context_takeover', 'client_no_context_takeover'];

/** RFC 7692 §7: what makes a server decline an offer, and a client fail on an answer. */
const invalid: Readonly<Record<string, readonly string[]>> = {
  'a parameter that is not defined': [
    'unknown',
    'Server_No_Context_Takeover',
    'server_max_window_bit=10',
    'server_no_context_takeover; mem_level=8',
    '__proto__',
    'constructor=10',
  ],
  'a window out of range, or not written as §7.1.2 has it': WINDOWS.flatMap((name) =>
    VALUES.map((value) => `${name}=${value}`),
  ),
  'server_max_window_bits without a value': ['server_max_window_bits'],
  'a flag with a value': TAKEOVERS.flatMap((name) =>
    ['1', '0', 'true', '"true"'].map((value) => `${name}=${value}`),
  ),
  'a parameter twice': [
    ...TAKEOVERS.map((name) => `${name}; ${name}`),
    ...WINDOWS.flatMap((name) => [`${name}=10; ${name}=10`, `${name}=10; ${name}=12`]),
    'client_max_window_bits; client_max_window_bits',
    'client_max_window_bits=10; client_max_window_bits',
    'server_no_context_takeover; client_max_window_bits=10; server_no_context_takeover',
  ],
};

describe.each(Object.entries(invalid))('RFC 7692 §7, %s', (_what, parameters) => {
  it('has a server decline the offer, and take the next one', () => {
    const wrong = parameters.flatMap((text) => {
      const offer = `permessage-deflate; ${text}`;
      return [
        ...mismatch(offer, serve(offer), accepted(undefined)),
        ...mismatch(offer, serve(`${offer}, permessage-deflate`), serve('permessage-deflate')),
      ];
    });
    expect(wrong).toEqual([]);
  });

  it('has a client fail, whatever it offered', () => {
    const wrong = parameters.flatMap((text) => {
      const answer = `permessage-deflate; ${text}`;
      return mismatch(answer, connect(answer, [{}]), 'WS_ANSWER_EXTENSION_UNUSABLE');
    });
    expect(wrong).toEqual([]);
  });
});

describe('RFC 7692 §7.1.2.2, client_max_window_bits without a value', () => {
  it('is for offers: a client fails on an answer with it', () => {
    const answer = 'permessage-deflate; client_max_window_bits';
    expect(connect(answer, [{}])).toBe('WS_ANSWER_EXTENSION_UNUSABLE');
  });
});

describe('RFC 6455 §9.1, a value in quotation marks', () => {
  it.each(WINDOWS.flatMap((name) => [`${name}="10"`, `${name}="\\1\\0"`]))(
    'is the value that it encloses: %s',
    (text) => {
      const plain = `${text.split('=')[0]}=10`;
      expect(serve(`permessage-deflate; ${text}`)).toEqual(serve(`permessage-deflate; ${plain}`));
      expect(serve(`permessage-deflate; ${text}`).answer).toBe(`permessage-deflate; ${plain}`);
      const answer = connect(`permessage-deflate; ${text}`, [{}]);
      expect(answer).toEqual(connect(`permessage-deflate; ${plain}`, [{}]));
      expect(answer).toBeTypeOf('object');
    },
  );

  it.each(['=""', '=', '="', '="1 0"', '=10 11', '="10"x', '=10;'])(
    'is a token; where it is none, or the field is malformed, the handshake fails: server_max_window_bits%s',
    (text) => {
      const value = `permessage-deflate; server_max_window_bits${text}`;
      expect(() => serve(value)).toThrow(
        expect.objectContaining({ code: 'WS_HANDSHAKE_EXTENSIONS', status: 400 }),
      );
      // A good offer beside it saves nothing: nobody knows where the bad one ends.
      expect(() => serve(`permessage-deflate, ${value}`)).toThrow(HandshakeError);
      expect(connect(value, [{}])).toBe('WS_ANSWER_EXTENSIONS');
    },
  );
});
