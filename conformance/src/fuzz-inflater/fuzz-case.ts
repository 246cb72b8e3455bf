import { Random } from '../random.ts';
import { type ClientFrame, encodeClientFrame, Opcode } from './client-frame.ts';
import {
  type Expected,
  type Payload,
  type PayloadContext,
  type PayloadKind,
  payloads,
  someContent,
} from './payload.ts';

/** What one connection does. */
export interface FuzzCase {
  readonly path: '/messages' | '/pieces';
  /** Whether the client's window lives on from message to message. */
  readonly takeover: boolean;
  /** The client's window, at most. */
  readonly windowBits: number;
  readonly messages: readonly FuzzMessage[];
}

export interface FuzzMessage {
  readonly kind: MessageKind;
  readonly text: boolean;
  readonly expected: Expected;
  /** What to write to TCP, piece by piece. */
  readonly writes: readonly Buffer[];
}

export type MessageKind = PayloadKind | 'not compressed' | 'a reserved bit';

const kinds: readonly MessageKind[] = [
  ...(Object.keys(payloads) as PayloadKind[]),
  'not compressed',
  'a reserved bit',
];

const RSV1 = 4;

/** Case `index` of a run with `seed`: always the same. */
export function makeCase(seed: number, index: number): FuzzCase {
  const random = new Random(seed + Math.imul(index, 0x9e37_79b1));
  const takeover = random.chance(0.5);
  const windowBits = random.pick([9, 12]);
  const past = new InflaterPast(takeover);
  const messages = Array.from({ length: 1 + random.below(4) }, () =>
    past.judge(makeMessage(random, windowBits)),
  );
  return { path: random.pick(['/messages', '/pieces']), takeover, windowBits, messages };
}

/**
 * What the messages so far have left behind in the inflater, and what it makes of the next one. Without
 * context takeover that is nothing, whatever they were.
 */
class InflaterPast {
  readonly #takeover: boolean;
  #left: 'nothing' | 'a window' | 'anything' = 'nothing';

  constructor(takeover: boolean) {
    this.#takeover = takeover;
  }

  judge(message: FuzzMessage): FuzzMessage {
    const { kind, expected } = message;
    if (!this.#takeover || kind === 'not compressed') return message;
    // There may be something at that distance, once anything was sent.
    const within = kind === 'a distance too far' && this.#left !== 'nothing';
    const judged = within || this.#left === 'anything' ? 'either' : expected;
    // What is not whole DEFLATE data has the next message begin wherever it ends.
    const whole = typeof judged === 'object' && 'delivered' in judged;
    this.#left = whole ? 'a window' : 'anything';
    return { ...message, expected: judged };
  }
}

function makeMessage(random: Random, windowBits: number): FuzzMessage {
  const kind = random.pick(kinds);
  const text = random.chance(0.5);
  const context = { random, text, windowBits };
  const { bytes, expected } = makePayload(kind, context);
  const frames = fragment(bytes, random, {
    text,
    rsv: kind === 'not compressed' ? 0 : RSV1,
    broken: kind === 'a reserved bit',
  });
  const encoded = Buffer.concat(frames.map((frame) => encodeClientFrame(frame, random)));
  return { kind, text, expected, writes: cut(encoded, random) };
}

function makePayload(kind: MessageKind, context: PayloadContext): Payload {
  if (kind === 'not compressed') {
    const bytes = someContent(context);
    return { bytes, expected: { delivered: bytes } };
  }
  if (kind === 'a reserved bit') {
    return { bytes: payloads.valid(context).bytes, expected: { closed: [1002] } };
  }
  return payloads[kind](context);
}

interface Fragmentation {
  readonly text: boolean;
  readonly rsv: number;
  /** Whether the last frame has a reserved bit that is not for it. */
  readonly broken: boolean;
}

/** One to some hundred frames, empty ones too, with pings in between. */
function fragment(bytes: Buffer, random: Random, how: Fragmentation): ClientFrame[] {
  const ends = Array.from({ length: random.chance(0.5) ? 0 : random.size(200) }, () =>
    random.below(bytes.byteLength + 1),
  );
  ends.sort((one, other) => one - other);
  ends.push(bytes.byteLength);
  const frames: ClientFrame[] = [];
  let start = 0;
  for (const [index, end] of ends.entries()) {
    const first = index === 0;
    const fin = index === ends.length - 1;
    const wrong = fin && how.broken ? random.pick(first ? [1, 2, 3] : [1, 2, 4, 7]) : 0;
    frames.push({
      fin,
      rsv: (first ? how.rsv : 0) | wrong,
      opcode: first ? (how.text ? Opcode.Text : Opcode.Binary) : Opcode.Continuation,
      payload: bytes.subarray(start, end),
    });
    if (random.chance(0.02)) {
      frames.push({ fin: true, rsv: 0, opcode: Opcode.Ping, payload: random.bytes(8) });
    }
    start = end;
  }
  return frames;
}

/** In one write, or in several, or, if there is little, byte by byte. */
function cut(bytes: Buffer, random: Random): Buffer[] {
  const way = random.below(3);
  if (way === 0) return [bytes];
  if (way === 1 && bytes.byteLength <= 100) return Array.from(bytes, (byte) => Buffer.of(byte));
  const pieces: Buffer[] = [];
  const most = 1 + Math.max(bytes.byteLength >> 5, random.size(bytes.byteLength));
  for (let start = 0; start < bytes.byteLength; ) {
    const end = start + 1 + random.below(most);
    pieces.push(bytes.subarray(start, end));
    start = end;
  }
  return pieces;
}
