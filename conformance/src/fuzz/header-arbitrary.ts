import fc from 'fast-check';

/** Header fields by lower-case name, as JSON keeps them. */
export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** What has brought down parsers of header values, and what is special to ours. */
const grammar = fc.string({
  unit: fc.constantFrom(
    ...'aA1,,;;== \t""\\\r\n\u0000\u007f\u00e9\u212a',
    ...['websocket', 'Upgrade', 'upgrade', '13', 'chat', '__proto__', 'HTTP/2.0'],
  ),
  maxLength: 12,
});

/** A value that is nearly right: white space, empty elements, a case, another element. */
export function nearly(right: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 18, arbitrary: fc.constant(right) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        ...[` ${right}\t`, `${right},`, `,, ${right}`, `x, ${right}`, `${right}, ${right}`],
        ...[right.toUpperCase(), `"${right}"`, `${right}x`, right.slice(1), ''],
        // Whose lower case is a k.
        right.replace('k', '\u212a'),
      ),
    },
    { weight: 1, arbitrary: grammar },
  );
}

const parameterNames = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      'server_no_context_takeover',
      'client_no_context_takeover',
      'server_max_window_bits',
      'client_max_window_bits',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('x', '__proto__', 'constructor') },
);

const parameterValues = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('', '', '=8', '=9', '=10', '=15', '="12"', ' = 11', '="1\\5"'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('=7', '=16', '=08', '=1e1', '=', '=""', '="a b"', '="9'),
  },
);

const parameters = fc
  .tuple(fc.constantFrom(';', '; ', ' ;\t', ';;'), parameterNames, parameterValues)
  .map((parts) => parts.join(''));

const elements = fc
  .tuple(
    fc.constantFrom(
      'permessage-deflate',
      'permessage-deflate',
      'x-other',
      'Permessage-Deflate',
      '',
    ),
    fc.array(parameters, { maxLength: 4 }),
  )
  .map(([name, all]) => name + all.join(''));

const bits = fc.constantFrom('8', '9', '10', '12', '15', '"11"');

/** permessage-deflate as it should be said, RFC 7692 §7.1: some of these parameters, in any order. */
const wellSaid = fc
  .tuple(
    fc.constantFrom('server_no_context_takeover', 'client_no_context_takeover'),
    bits.map((value) => `server_max_window_bits=${value}`),
    fc.oneof(
      fc.constant('client_max_window_bits'),
      bits.map((value) => `client_max_window_bits = ${value}`),
    ),
  )
  .chain((all) => fc.shuffledSubarray(all))
  .map((some) => ['permessage-deflate', ...some].join('; '));

/** A value of `Sec-WebSocket-Extensions`: what clients send, and what they had better not. */
export const extensionValues: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.array(elements, { maxLength: 3 }), fc.constantFrom(', ', ',', ' ,,'))
      .map(([all, separator]) => all.join(separator)),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.array(wellSaid, { minLength: 1, maxLength: 2 }), fc.constantFrom(', ', ' ,\t,'))
      .map(([all, separator]) => all.join(separator)),
  },
  { weight: 1, arbitrary: grammar },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);

/** A field that does not come, comes, or comes several times. */
export function occurrences(
  value: fc.Arbitrary<string>,
): fc.Arbitrary<string | readonly string[] | undefined> {
  return fc.oneof(
    { weight: 18, arbitrary: value },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.array(value, { maxLength: 3 }) },
  );
}

/** Fields of these values, without those that do not come. */
export function fields(
  values: Readonly<Record<string, fc.Arbitrary<string | readonly string[] | undefined>>>,
): fc.Arbitrary<Fields> {
  return fc.record(values).map((all) => {
    const came = Object.entries(all).filter((entry): entry is [string, string | string[]] => {
      return entry[1] !== undefined;
    });
    return Object.fromEntries(came);
  });
}
