import fc from 'fast-check';
import { formatByteText, parseByteText } from './byte-text.ts';
import { closePayloads } from './close-arbitrary.ts';
import { type Compression, type Compressor, compressions } from './deflate-arbitrary.ts';
import { seldom } from './seldom.ts';
import { edgeBytes, someBytes, utf8Bytes } from './some-bytes.ts';
import { cutAt, type WireFrame } from './stream-case.ts';

/** A frame whose role, and so whose masking, is still open. */
export type Draft = Omit<WireFrame, 'maskingKey'>;

/** What belongs together in a stream. A function waits for the compressor of the connection. */
export type Part = readonly Draft[] | ((compressor: Compressor) => readonly Draft[]);

/** Pings and pongs. */
export const controls: fc.Arbitrary<Draft> = fc.record({
  opcode: fc.constantFrom(9, 10),
  fin: fc.constant(true),
  rsv: fc.constant(0),
  payload: fc.oneof(someBytes(8), fc.constantFrom('', '61*124', '61*125')),
});

/** A message's payload in fragments, with control frames between them (§5.4). */
const fragmentations = fc.record({
  cuts: fc.oneof(
    { weight: 3, arbitrary: fc.constant<number[]>([]) },
    { weight: 3, arbitrary: fc.array(fc.nat(80), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(fc.nat(80), { minLength: 6, maxLength: 9 }) },
  ),
  between: fc.array(controls, { maxLength: 2 }),
});

type Fragmentation = typeof fragmentations extends fc.Arbitrary<infer T> ? T : never;

const contents = fc.oneof(
  { weight: 6, arbitrary: fc.record({ text: fc.boolean(), payload: utf8Bytes(true) }) },
  { weight: 2, arbitrary: fc.record({ text: fc.boolean(), payload: utf8Bytes(false) }) },
  { weight: 2, arbitrary: fc.record({ text: fc.constant(false), payload: someBytes(60) }) },
  { weight: 1, arbitrary: fc.record({ text: fc.boolean(), payload: edgeBytes }) },
);

/** Messages that are not compressed. */
export const messages: fc.Arbitrary<Part> = fc
  .tuple(contents, fragmentations)
  .map(([{ text, payload }, how]) => fragment(payload, { opcode: text ? 1 : 2, rsv: 0 }, how));

/** Messages that are compressed, or say so. */
export const compressed: fc.Arbitrary<Part> = fc
  .tuple(compressions, fc.boolean(), fragmentations)
  .map(([compression, text, how]) => compressedPart(compression, text, how));

function compressedPart(compression: Compression, text: boolean, how: Fragmentation): Part {
  return (compressor) =>
    fragment(compressor.compress(compression), { opcode: text ? 1 : 2, rsv: 4 }, how);
}

/** Close frames, right and wrong. */
export const closes: fc.Arbitrary<Part> = closePayloads.map((payload) => [
  { opcode: 8, fin: true, rsv: 0, payload },
]);

/** Any frame at all: reserved bits and opcodes, lengths that are not minimal, or far too large. */
export const anything: fc.Arbitrary<Part> = fc
  .record(
    {
      opcode: fc.nat(15),
      fin: fc.boolean(),
      rsv: seldom(0, 3, fc.nat(7)),
      payload: fc.oneof(someBytes(20), edgeBytes),
      lengthBytes: fc.constantFrom(2 as const, 8 as const),
      claimedLength: fc.constantFrom(
        ...['0', '125', '126', '300', '301', '65535', '65536', '70001', '4294967296'],
        ...[
          '9007199254740992',
          '9223372036854775807',
          '9223372036854775808',
          '18446744073709551615',
        ],
      ),
    },
    { requiredKeys: ['opcode', 'fin', 'rsv', 'payload'] },
  )
  .map((frame) => [plausible(frame)]);

/** Has a length fit into the bytes that are there for it. */
function plausible({ lengthBytes, claimedLength, ...frame }: Draft): Draft {
  if (claimedLength !== undefined) {
    const least = BigInt(claimedLength) > 65_535n ? 8 : (lengthBytes ?? 8);
    return { ...frame, lengthBytes: least, claimedLength };
  }
  if (lengthBytes === undefined) return frame;
  const fits = lengthBytes === 8 || parseByteText(frame.payload).byteLength < 65_536;
  return { ...frame, lengthBytes: fits ? lengthBytes : 8 };
}

function fragment(
  payload: string,
  start: Pick<WireFrame, 'opcode' | 'rsv'>,
  { cuts, between }: Fragmentation,
): readonly Draft[] {
  const pieces = cutAt(parseByteText(payload), cuts);
  return pieces.flatMap((piece, index) => {
    const first = index === 0 ? start : { opcode: 0, rsv: 0 };
    const fin = index === pieces.length - 1;
    const control = between[index];
    const frame = { ...first, fin, payload: formatByteText(piece) };
    return fin || control === undefined ? [frame] : [frame, control];
  });
}
