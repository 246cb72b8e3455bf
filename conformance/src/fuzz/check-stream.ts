import { isDeepStrictEqual } from 'node:util';
import { mayBeMinimal, walkFrames } from './frame-walk.ts';
import { type Manner, type OurReading, readOurs } from './our-reader.ts';
import { failureOf, formatReading } from './reading.ts';
import { bytesOf, cutAt, type StreamCase } from './stream-case.ts';

/** Streams longer than this are not fed byte by byte: to inflate one takes a trip to the thread pool. */
const MAX_SINGLE_BYTES = { plain: 2_000, deflate: 150 };

const manners: readonly Manner[] = [
  {},
  { lent: true },
  { streaming: true },
  { pausing: true },
  { streaming: true, pausing: true, lent: true },
];

/**
 * What holds for every stream: nothing throws, what comes of it does not depend on how it is cut or
 * taken, and the other role can read what is written in answer.
 */
export async function checkStream(input: StreamCase): Promise<void> {
  const bytes = bytesOf(input);
  const pieces = cutAt(bytes, input.cuts);
  const whole = await readOurs(input, [bytes]);
  for (const manner of manners) {
    assertAlike(whole, await readOurs(input, pieces, manner), JSON.stringify(manner));
  }
  const most = MAX_SINGLE_BYTES[input.deflate === undefined ? 'plain' : 'deflate'];
  if (bytes.byteLength <= most) {
    const octets = Array.from(bytes, (octet) => Uint8Array.of(octet));
    assertAlike(whole, await readOurs(input, octets), 'byte by byte');
  }
  // What `ws` lets pass does not show beside it.
  if (whole.end === 'open' && !walkFrames(bytes).every(mayBeMinimal)) {
    throw new Error('a length that is not minimal is taken');
  }
  await assertReadable(input, whole.written);
}

function assertAlike(whole: OurReading, other: OurReading, how: string): void {
  const same =
    isDeepStrictEqual(whole.events, other.events) &&
    (whole.sentence === other.sentence || eitherInflated(whole, other)) &&
    (whole.sentence !== other.sentence || isDeepStrictEqual(whole.written, other.written));
  if (same) return;
  throw new Error(`in one piece:\n${formatReading(whole)}\ncut, ${how}:\n${formatReading(other)}`);
}

/** What can be wrong with a compressed message once it is inflated. */
const INFLATED = new Set(['WS_DEFLATE_INVALID', 'WS_TEXT_NOT_UTF8', 'WS_MESSAGE_TOO_BIG']);

/**
 * zlib refuses a piece without giving what it inflated of it before the fault. So of a message that is
 * wrong in two ways the one that comes first is found only if a cut falls between them.
 */
function eitherInflated(one: OurReading, other: OurReading): boolean {
  const codes = [failureOf(one)?.code, failureOf(other)?.code];
  return (
    codes.includes('WS_DEFLATE_INVALID') &&
    codes.every((code) => code !== undefined && INFLATED.has(code))
  );
}

async function assertReadable({ role }: StreamCase, written: Uint8Array): Promise<void> {
  const peer = { role: role === 'server' ? 'client' : 'server', maxMessageBytes: 1 } as const;
  const { sentence, events } = await readOurs(peer, [written]);
  if (sentence !== undefined) throw new Error(`our answer is refused: ${sentence}`);
  if (events.length > 1) throw new Error(`our answer says ${events.join()}`);
}
