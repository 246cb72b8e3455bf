import { type Disagreement, sameEvents } from './disagreement.ts';
import { mayBeMinimal, walkMessages } from './frame-walk.ts';
import { failureOf, type Reading } from './reading.ts';

/** Where we and `ws` differ, and mean to. */
export interface KnownDifference {
  readonly source: string;
  readonly ours: string;
  readonly theirs: string;
  readonly why: string;
  /** Whether this, and nothing else, is what they differ in. */
  readonly explains: (disagreement: Disagreement) => boolean;
}

/** All of them. For each there is an input in the corpus that shows it. */
export const knownDifferences = {
  'a fault is told at the octet that proves it': {
    source: 'RFC 6455 §7.1.7, §8.1',
    ours: 'fails as soon as no continuation could make the frame or the message valid',
    theirs:
      'waits for both octets of a header, for the whole frame, and of text for the whole message',
    why: 'What comes meanwhile is of no use to anybody. Once the frame and its message end, `ws` says the same.',
    explains: ({ ours, proof }) =>
      proof !== undefined && sameEvents(ours, proof.theirs) && sameCode(ours, proof.theirs),
  },
  'a length that is not minimal': {
    source: 'RFC 6455 §5.2',
    ours: 'fails with 1002: "the minimal number of bytes MUST be used to encode the length"',
    theirs: 'takes it',
    why: 'A MUST. One form for each frame leaves nothing for two parsers to understand differently.',
    explains: ({ ours, theirs, proof }) =>
      failureOf(ours)?.code === 'WS_LENGTH_NOT_MINIMAL' &&
      proof !== undefined &&
      !mayBeMinimal(proof.frame) &&
      startsWith(theirs, ours),
  },
  'a length of 2^63 or more': {
    source: 'RFC 6455 §5.2',
    ours: 'fails with 1002: "the most significant bit MUST be 0"',
    theirs: 'fails with 1009, as for each length above 2^53',
    why: 'The frame is malformed, not large.',
    explains: ({ ours, proof }) =>
      failureOf(ours)?.code === 'WS_LENGTH_OVERFLOW' &&
      proof !== undefined &&
      (proof.frame.lengthOctets[0] ?? 0) >= 0x80 &&
      sameEvents(ours, proof.theirs) &&
      failureOf(proof.theirs)?.closeCode === 1009,
  },
  'the limit of a message that is compressed': {
    source: 'RFC 6455 §10.4, RFC 7692 §7.2.1',
    ours: 'lets compressed data be a quarter and 1 KiB above the limit of the message, and 16 bytes for each fragment',
    theirs: 'fails with 1009 where compressed data is above the limit of the message',
    why: 'DEFLATE may make a message larger: one within the limit must not fail for how it was compressed.',
    explains: ({ input, frames, ours, theirs, messagesBefore }) => {
      const message = walkMessages(frames)[messagesBefore];
      return (
        message?.compressed === true &&
        message.payloadBytes > input.maxMessageBytes &&
        failureOf(theirs)?.closeCode === 1009 &&
        startsWith(ours, theirs)
      );
    },
  },
  'data behind a final block': {
    source: 'RFC 7692 §7.2.3.4',
    ours: 'reads on, at the next octet and with an empty window',
    theirs: 'drops what the frame still has, and begins anew with the next, be it amid the data',
    why: 'Who flushes by final blocks has more of them in a message. Silently losing data is the worse choice.',
    explains: ({ input, frames, ours, messagesBefore }) =>
      walkMessages(frames)[messagesBefore]?.compressed === true &&
      ours.finalBlocksAt.some(
        (message) =>
          message === messagesBefore ||
          // What it takes for a beginning lives on in its window.
          (message < messagesBefore && input.deflate?.takeover === true),
      ),
  },
} as const satisfies Record<string, KnownDifference>;

export type DifferenceName = keyof typeof knownDifferences;

/** The one that explains a disagreement; `undefined` if none does. */
export function explain(disagreement: Disagreement): DifferenceName | undefined {
  const names = Object.keys(knownDifferences) as DifferenceName[];
  return names.find((name) => knownDifferences[name].explains(disagreement));
}

function sameCode(one: Reading, other: Reading): boolean {
  return failureOf(one)?.closeCode === failureOf(other)?.closeCode;
}

function startsWith(longer: Reading, shorter: Reading): boolean {
  return shorter.events.every((event, index) => event === longer.events[index]);
}
