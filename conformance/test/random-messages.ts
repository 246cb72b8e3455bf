import { Random } from '../src/random.ts';

/** A message, what it is made of, and how it is to be sent. */
export interface RandomMessage {
  readonly kind: MessageKind;
  readonly bytes: Buffer;
  readonly text: boolean;
  /** Whether the sender may compress it. */
  readonly compress: boolean;
}

export type MessageKind =
  | 'random bytes'
  | 'records'
  | 'random ASCII'
  | 'words'
  | 'random characters'
  | 'words of all lengths';

/** The largest message. */
export const MAX_BYTES = 2 ** 20;

/** Enough for messages to be cut from it at places that differ. */
const POOL_BYTES = 2 * MAX_BYTES;

const WORDS = 'the warp is held by the loom and the weft goes over and under it with each shuttle';
const CHARACTERS = ['é', 'ß', 'ж', '您', '好', '織', '€', '🧵', '🪡', 'a', ' ', '\n', '\u0000'];

/** Messages of 0 B to 1 MiB, each order of magnitude as likely as any other, the same for each seed. */
export class RandomMessages {
  readonly #random: Random;
  readonly #pools: ReadonlyMap<MessageKind, Buffer>;
  #made = 0;

  constructor(seed: number, pools: ReadonlyMap<MessageKind, Buffer>) {
    this.#random = new Random(seed);
    this.#pools = pools;
  }

  next(kinds: readonly MessageKind[] = [...this.#pools.keys()]): RandomMessage {
    const random = this.#random;
    const kind = random.pick(kinds);
    // Nothing, and the most, come whatever the seed.
    const byteLength = [0, MAX_BYTES][this.#made++] ?? random.size(MAX_BYTES);
    const text = kind !== 'random bytes' && kind !== 'records';
    const start = random.below(POOL_BYTES - byteLength + 1);
    const pool = this.#pools.get(kind) ?? Buffer.alloc(0);
    const end = start + byteLength;
    const bytes = text ? cutText(pool, start, end) : pool.subarray(start, end);
    return { kind, text, bytes, compress: random.chance(0.5) };
  }
}

/** What messages are cut from. */
export function messagePools(seed: number): ReadonlyMap<MessageKind, Buffer> {
  const random = new Random(seed);
  const words = WORDS.split(' ');
  const record = () => `{"id":${random.below(1_000)},"word":"${random.pick(words)}","ok":true}\n`;
  const parts = {
    'random bytes': () => random.bytes(64),
    records: record,
    'random ASCII': () => random.bytes(48).toString('base64'),
    words: () => `${random.pick(words)} `,
    'random characters': () => randomCharacter(random),
    'words of all lengths': () => random.pick(words) + random.pick(CHARACTERS),
  } as const satisfies Record<MessageKind, () => string | Buffer>;
  return new Map(
    Object.entries(parts).map(([kind, part]) => [kind as MessageKind, fill(part)] as const),
  );
}

function fill(part: () => string | Buffer): Buffer {
  const pool = Buffer.alloc(POOL_BYTES);
  let end = 0;
  for (;;) {
    const next = Buffer.from(part());
    if (end + next.byteLength > POOL_BYTES) return pool;
    end += next.copy(pool, end);
  }
}

/** Any character of Unicode, of one byte to four. */
function randomCharacter(random: Random): string {
  const codePoint = random.below(random.pick([0x80, 0x800, 0x1_0000, 0x11_0000]));
  const isSurrogate = codePoint >= 0xd800 && codePoint < 0xe000;
  return isSurrogate ? 'ü' : String.fromCodePoint(codePoint);
}

/** So many bytes of text: where it would begin or end within a character, there is less of it, and dots. */
function cutText(pool: Buffer, start: number, end: number): Buffer {
  const isContinuation = (at: number) => ((pool[at] ?? 0) & 0xc0) === 0x80;
  let from = start;
  while (from < end && isContinuation(from)) from++;
  let to = end;
  while (to > from && isContinuation(to)) to--;
  return Buffer.concat([pool.subarray(from, to)], end - start).fill('.', to - from);
}
