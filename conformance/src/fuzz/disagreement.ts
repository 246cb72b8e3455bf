import { isDeepStrictEqual } from 'node:util';
import { endLastFrame, type WalkedFrame, walkFrames } from './frame-walk.ts';
import { type OurReading, readOurs } from './our-reader.ts';
import { failureOf, isMessage, type Reading } from './reading.ts';
import { bytesOf, cutAt, type StreamCase } from './stream-case.ts';
import { readTheirs } from './their-reader.ts';

/** That we and `ws` made different things of the same bytes. */
export interface Disagreement {
  readonly input: StreamCase;
  readonly frames: readonly WalkedFrame[];
  readonly ours: OurReading;
  readonly theirs: Reading;
  /** How many messages there were in both before they part: the index of the one in progress. */
  readonly messagesBefore: number;
  /** Where we failed: the stream up to the octet that made us. */
  readonly proof: Proof | undefined;
}

export interface Proof {
  /** The frame in which that octet lies, as far as it had come. */
  readonly frame: WalkedFrame;
  /** What `ws` makes of the stream up to there, once that frame, and its message, are ended. */
  readonly theirs: Reading;
}

/** Gives the stream to both. `undefined` if they agree: on the events, and on whether, and with which code, it fails. */
export async function compareReadings(input: StreamCase): Promise<Disagreement | undefined> {
  const bytes = bytesOf(input);
  const pieces = cutAt(bytes, input.cuts);
  const ours = await readOurs(input, pieces);
  const theirs = await readTheirs(input, pieces);
  if (agree(ours, theirs)) return undefined;
  const parting = ours.events.findIndex((event, index) => event !== theirs.events[index]);
  const before = ours.events.slice(0, parting === -1 ? undefined : parting);
  return {
    input,
    frames: walkFrames(bytes),
    ours,
    theirs,
    messagesBefore: before.filter(isMessage).length,
    proof: failureOf(ours) && (await findProof(input, bytes)),
  };
}

export function sameEvents(one: Reading, other: Reading): boolean {
  return isDeepStrictEqual(one.events, other.events);
}

function agree(one: Reading, other: Reading): boolean {
  const [ourCode, theirCode] = [one, other].map((reading) => failureOf(reading)?.closeCode);
  const sameEnd = ourCode === theirCode && (ourCode !== undefined || one.end === other.end);
  return sameEnd && sameEvents(one, other);
}

async function findProof(input: StreamCase, bytes: Uint8Array): Promise<Proof | undefined> {
  const failsWithin = async (length: number) =>
    failureOf(await readOurs(input, [bytes.subarray(0, length)])) !== undefined;
  let [good, bad] = [0, bytes.byteLength];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (await failsWithin(middle)) bad = middle;
    else good = middle;
  }
  const upToProof = bytes.subarray(0, bad);
  const frame = walkFrames(upToProof).at(-1);
  const ended = endLastFrame(upToProof, input.role);
  return frame && { frame, theirs: await readTheirs(input, [ended]) };
}
