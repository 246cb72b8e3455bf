import fc from 'fast-check';
import { formatByteText } from './byte-text.ts';

/** Where UTF-8 begins and ends to be valid: characters of each length, and what only looks like one. */
const UTF8 = [
  'c3 a9',
  'e2 82 ac',
  'f0 9f 98 80',
  'ef bb bf',
  'f4 8f bf bf',
  'ed 9f bf',
  'c0 80',
  'e0 9f bf',
  'ed a0 80',
  'f4 90 80 80',
  'f8 88 80 80 80',
  'e2 82',
  'ff',
  '80',
];

/** How many of them are characters. */
const CHARACTERS = 6;

/** Any bytes, as byte text. */
export function someBytes(maxLength: number): fc.Arbitrary<string> {
  return fc.uint8Array({ maxLength }).map(formatByteText);
}

/** Bytes that are valid UTF-8, or nearly: `valid` says which. */
export function utf8Bytes(valid: boolean): fc.Arbitrary<string> {
  const units = valid ? UTF8.slice(0, CHARACTERS) : UTF8;
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('41', '20', '61*40') },
    { weight: 1, arbitrary: fc.constantFrom(...units) },
  );
  return fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(' '));
}

/** The lengths at which a frame's header changes its form (§5.2), and their neighbours. */
const EDGES = {
  short: [0, 1, 2, 124, 125, 126, 127],
  long: [65_534, 65_535, 65_536, 65_537],
};

/** So many of one octet. The long ones take most of the time. */
export const edgeBytes: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...EDGES.short) },
      { weight: 1, arbitrary: fc.constantFrom(...EDGES.long) },
    ),
    fc.constantFrom('61', '00'),
  )
  .map(([length, octet]) => (length === 0 ? '' : `${octet}*${length}`));
