import { constants, deflateRawSync } from 'node:zlib';
import type { Random } from '../random.ts';

/** What must come of a message: it is delivered so, or the connection closes so, or one of the two. */
export type Expected =
  | { readonly delivered: Buffer }
  | { readonly closed: readonly number[] }
  | 'either';

/** The payload data of a message, all fragments together. */
export interface Payload {
  readonly bytes: Buffer;
  readonly expected: Expected;
}

/** What a payload is made with. */
export interface PayloadContext {
  readonly random: Random;
  readonly text: boolean;
  /** The most that was agreed on for what a client compresses with. */
  readonly windowBits: number;
}

/** Ends the data with an empty stored block. */
const SYNC = constants.Z_SYNC_FLUSH;

/** The most payload data of one message. */
const MAX_BYTES = 2 ** 16;

/** One more than `limits.maxMessageBytes`. */
const TOO_BIG = 2 ** 20 + 1;

/** The end of an empty stored block, which a sender cuts off: RFC 7692 §7.2.1. */
const TAIL_BYTES = 4;

/** RFC 7692 §7.2.3.4: what stands behind a final block, so that the tail makes a block of it. */
const EMPTY_BLOCK = Buffer.of(0x00);

/** Blocks without any output: stored, four with fixed codes, and a final one with fixed codes. */
const STORED = Buffer.of(0x00, 0x00, 0x00, 0xff, 0xff);
const FIXED = Buffer.of(0x02, 0x08, 0x20, 0x80, 0x00);
const FINAL = Buffer.of(0x03, 0x00);

/** Few bytes that inflate to many. */
const bombs = [TOO_BIG, 2 ** 23, 60 * 2 ** 20].map((byteLength) =>
  withoutTail(
    deflateRawSync(Buffer.alloc(byteLength), { level: 9, windowBits: 9, finishFlush: SYNC }),
  ),
);

/** Ways to attack an inflater, and some to please it, each as likely as the others. */
export const payloads = {
  valid: (context) => {
    const content = someContent(context);
    return { bytes: withoutTail(deflate(content, context)), expected: { delivered: content } };
  },
  'several streams': (context) => {
    const contents = Array.from({ length: 1 + context.random.below(20) }, () =>
      someContent(context, 4_096),
    );
    const bytes = Buffer.concat(contents.map((content) => deflate(content, context)));
    return { bytes: withoutTail(bytes), expected: { delivered: Buffer.concat(contents) } };
  },
  'final blocks': (context) => {
    const contents = Array.from({ length: 1 + context.random.below(5) }, () =>
      someContent(context, 16_384),
    );
    const streams = contents.map((content) => deflate(content, context, constants.Z_FINISH));
    return {
      bytes: Buffer.concat([...streams, EMPTY_BLOCK]),
      expected: { delivered: Buffer.concat(contents) },
    };
  },
  'a final block and more': (context) => {
    const stream = deflate(someContent(context), context, constants.Z_FINISH);
    const more = context.random.bytes(context.random.size(256));
    return { bytes: Buffer.concat([stream, more]), expected: 'either' };
  },
  'random bytes': ({ random }) => ({
    bytes: random.bytes(random.size(MAX_BYTES)),
    expected: 'either',
  }),
  mutated: (context) => ({
    bytes: mutate(withoutTail(deflate(someContent(context), context)), context.random),
    expected: 'either',
  }),
  truncated: (context) => {
    const bytes = deflate(someContent(context), context);
    return { bytes: bytes.subarray(0, context.random.below(bytes.byteLength)), expected: 'either' };
  },
  'a bomb': ({ random }) => ({ bytes: random.pick(bombs), expected: { closed: [1009] } }),
  'a bomb behind something': (context) => ({
    bytes: Buffer.concat([deflate(someContent(context), context), context.random.pick(bombs)]),
    expected: { closed: [1009] },
  }),
  'empty blocks': ({ random }) => {
    const block = random.pick([STORED, FIXED]);
    const count = random.size(MAX_BYTES / block.byteLength - 1);
    const blocks = Buffer.alloc(count * block.byteLength, block);
    return {
      bytes: Buffer.concat([blocks, EMPTY_BLOCK]),
      expected: { delivered: Buffer.alloc(0) },
    };
  },
  'empty final blocks': ({ random }) => {
    const count = random.size(MAX_BYTES / FINAL.byteLength - 1);
    const blocks = Buffer.alloc(count * FINAL.byteLength, FINAL);
    return { bytes: Buffer.concat([blocks, EMPTY_BLOCK]), expected: 'either' };
  },
  'a reserved block type': (context) => {
    const { random } = context;
    const before = random.chance(0.5) ? deflate(someContent(context), context) : Buffer.alloc(0);
    const bytes = Buffer.concat([before, Buffer.of(random.pick([6, 7])), random.bytes(8)]);
    return { bytes, expected: { closed: [1007] } };
  },
  'a distance too far': (context) => {
    const { random, windowBits } = context;
    const dictionary = random.bytes(128);
    const bytes = deflateRawSync(dictionary, { dictionary, windowBits, finishFlush: SYNC });
    return { bytes: withoutTail(bytes), expected: { closed: [1007] } };
  },
  'another encoding than UTF-8': (context) => {
    const content = Buffer.concat([someContent(context), Buffer.of(0xc3, 0x28)]);
    const expected = context.text ? { closed: [1007] } : { delivered: content };
    return { bytes: withoutTail(deflate(content, context)), expected };
  },
} as const satisfies Record<string, (context: PayloadContext) => Payload>;

export type PayloadKind = keyof typeof payloads;

/** ASCII, or, where it may be, any bytes, that compress well or not. */
export function someContent({ random, text }: PayloadContext, most = MAX_BYTES - 512): Buffer {
  const byteLength = random.size(most);
  if (random.chance(0.5)) return Buffer.alloc(byteLength, `${random.next()} ${random.next()} `);
  // Stored blocks add a little, Base64 a third.
  if (text) return Buffer.from(random.bytes(byteLength >> 1).toString('base64'));
  return random.bytes(byteLength);
}

/** DEFLATE data that anybody may send, in one of many forms: with the tail, if it is flushed. */
function deflate(
  content: Buffer,
  { random, windowBits }: PayloadContext,
  finishFlush: number = SYNC,
): Buffer {
  return deflateRawSync(content, {
    level: random.below(10),
    memLevel: 1 + random.below(9),
    // Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED.
    strategy: random.below(5),
    windowBits: 9 + random.below(windowBits - 8),
    finishFlush,
  });
}

function withoutTail(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.byteLength - TAIL_BYTES);
}

/** One to eight small changes: a bit, a byte, some bytes more, some less, some twice. */
function mutate(bytes: Buffer, random: Random): Buffer {
  let mutated = Buffer.from(bytes);
  for (let changes = 1 + random.below(8); changes > 0; changes--) {
    const at = random.below(mutated.byteLength + 1);
    const [before, behind] = [mutated.subarray(0, at), mutated.subarray(at)];
    const length = random.size(64);
    const change = random.below(5);
    if (change === 0 && at < mutated.byteLength) mutated[at] = random.next();
    else if (change === 1) mutated = Buffer.concat([before, random.bytes(length), behind]);
    else if (change === 2) mutated = Buffer.concat([before, behind.subarray(length)]);
    else if (change === 3) mutated = Buffer.concat([before, behind.subarray(0, length), behind]);
    else if (at < mutated.byteLength) mutated[at] = (mutated[at] ?? 0) ^ (1 << random.below(8));
  }
  return mutated;
}
