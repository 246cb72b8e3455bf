import fc from 'fast-check';
import { formatByteText, parseByteText } from './byte-text.ts';
import { someBytes, utf8Bytes } from './some-bytes.ts';

/** Status codes that may be sent (§7.4), and others. */
export const closeCodes: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999) },
  { weight: 2, arbitrary: fc.constantFrom(0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000) },
  { weight: 1, arbitrary: fc.nat(65_535) },
);

const whole = fc
  .tuple(closeCodes, fc.oneof(utf8Bytes(true), utf8Bytes(false), someBytes(123)))
  .map(([code, reason]) => {
    const octets = [code >> 8, code & 0xff, ...parseByteText(reason).subarray(0, 123)];
    return formatByteText(Uint8Array.from(octets));
  });

/** The payload of a close frame (§5.5.1), as byte text: at most 125 bytes, and maybe only one. */
export const closePayloads: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: whole },
  { weight: 1, arbitrary: someBytes(4) },
);
