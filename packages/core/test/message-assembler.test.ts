import { isUtf8 } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, BlockPool } from '../src/block-pool.ts';
import { MessageAssembler } from '../src/message-assembler.ts';
import { type Primitives, purePrimitives } from '../src/primitives.ts';
import { fromHex } from './hex.ts';

const MIB = 2 ** 20;
const encoder = new TextEncoder();

function assembler(primitives: Primitives = purePrimitives, maxMessageBytes = MIB) {
  return new MessageAssembler(primitives, new BlockPool(primitives), maxMessageBytes);
}

/** Appends all of `bytes`; `left` is how much of the frame there is from here on. */
function append(target: MessageAssembler, bytes: Uint8Array, left = bytes.byteLength): void {
  target.append(bytes, 0, bytes.byteLength, left);
}

function code(expected: string): object {
  return expect.objectContaining({ name: 'ProtocolError', code: expected });
}

describe('a message that comes whole', () => {
  it('is text as a string', () => {
    const target = assembler();
    target.begin(true);
    expect(target.whole(fromHex('ff 48 c3 a9 ff'), 1, 4)).toBe('Hé');
    expect(() => target.whole(fromHex('48 ff'), 0, 2)).toThrow(code('WS_TEXT_NOT_UTF8'));
  });

  it('is bytes that do not pin the read they came in, if they are less than a quarter of it', () => {
    const target = assembler();
    target.begin(false);
    const read = new Uint8Array(1000).fill(7);
    const small = target.whole(read, 10, 259) as Uint8Array;
    expect(small).toEqual(new Uint8Array(249).fill(7));
    expect(small.buffer.byteLength).toBe(249);
    const large = target.whole(read, 10, 260) as Uint8Array;
    expect(large).toEqual(new Uint8Array(250).fill(7));
    expect(large.buffer).toBe(read.buffer);
  });

  it('is measured against the memory under the read, not against the read', () => {
    const target = assembler();
    target.begin(false);
    const read = new Uint8Array(new ArrayBuffer(65_536), 100, 50);
    expect((target.whole(read, 0, 50) as Uint8Array).buffer.byteLength).toBe(50);
  });
});

describe('RFC 6455 §5.4, a message that comes in pieces', () => {
  it('is all of them, as text and as bytes', () => {
    const target = assembler();
    target.begin(true);
    append(target, encoder.encode('Hel'));
    append(target, new Uint8Array(0));
    append(target, encoder.encode('lo'));
    expect(target.finish()).toBe('Hello');
    target.begin(false);
    append(target, fromHex('01 02'));
    append(target, fromHex('03'));
    expect(target.finish()).toEqual(fromHex('01 02 03'));
  });

  it('may be empty', () => {
    const target = assembler();
    target.begin(true);
    expect(target.finish()).toBe('');
    target.begin(false);
    expect(target.finish()).toEqual(new Uint8Array(0));
  });

  it('does not refer to the pieces', () => {
    const target = assembler();
    target.begin(false);
    const piece = fromHex('01 02');
    append(target, piece, 4);
    piece.fill(0);
    append(target, fromHex('03 04'));
    expect(target.finish()).toEqual(fromHex('01 02 03 04'));
  });

  it('takes a part of an array', () => {
    const target = assembler();
    target.begin(false);
    target.append(fromHex('ff 01 02 ff'), 1, 3, 2);
    expect(target.finish()).toEqual(fromHex('01 02'));
  });
});

describe('RFC 6455 §8.1, text that comes in pieces', () => {
  it('may be cut within a character', () => {
    const target = assembler();
    target.begin(true);
    for (const octet of fromHex('f0 9f 98 80')) append(target, Uint8Array.of(octet));
    expect(target.finish()).toBe('😀');
  });

  it('is refused at the piece that makes it invalid', () => {
    const target = assembler();
    target.begin(true);
    append(target, fromHex('41 e2'), 100);
    expect(() => append(target, fromHex('28'), 98)).toThrow(code('WS_TEXT_NOT_UTF8'));
  });

  it('is refused at its end if that is within a character', () => {
    const target = assembler();
    target.begin(true);
    append(target, fromHex('41 e2 82'));
    expect(() => target.finish()).toThrow(code('WS_TEXT_NOT_UTF8'));
    // And the next message knows nothing of it.
    target.begin(true);
    append(target, fromHex('41'));
    expect(target.finish()).toBe('A');
  });

  it('is validated by the runtime where that is given', () => {
    let validated = 0;
    const target = assembler({
      ...purePrimitives,
      isUtf8(bytes, start, end) {
        validated += end - start;
        return isUtf8(bytes.subarray(start, end));
      },
    });
    target.begin(true);
    append(target, encoder.encode('x'.repeat(1000)));
    expect(validated).toBe(1000);
  });

  it('is not asked of bytes', () => {
    const target = assembler();
    target.begin(false);
    append(target, fromHex('ff'));
    expect(target.finish()).toEqual(fromHex('ff'));
  });
});

describe('what is held for a message', () => {
  it('is nothing before it, after it, and once it is forgotten', () => {
    const target = assembler();
    expect(target.retainedBytes).toBe(0);
    target.begin(false);
    append(target, fromHex('01 02'));
    expect(target.retainedBytes).toBe(2 + 128);
    target.finish();
    expect(target.retainedBytes).toBe(0);
    append(target, fromHex('01 02'));
    target.discard();
    expect(target.retainedBytes).toBe(0);
    append(target, fromHex('03'));
    expect(target.finish()).toEqual(fromHex('03'));
  });

  it('is the frame where that is little more than what has come', () => {
    const target = assembler();
    target.begin(false);
    append(target, new Uint8Array(100), 60_000);
    expect(target.retainedBytes).toBe(60_000 + 128);
  });

  it('is not what a header claims: twice what has come, and 64 KiB', () => {
    const target = assembler();
    target.begin(false);
    append(target, new Uint8Array(100), MIB);
    expect(target.retainedBytes).toBe(65_536 + 128);
    append(target, new Uint8Array(65_437), MIB - 100);
    expect(target.retainedBytes).toBe(2 * 65_536 + 128);
  });

  it('is never more than the limit', () => {
    const target = assembler(purePrimitives, 1000);
    target.begin(false);
    append(target, new Uint8Array(999));
    append(target, new Uint8Array(1));
    expect(target.retainedBytes).toBe(1000 + 128);
  });

  it('grows seldom, however many pieces come', () => {
    let allocations = 0;
    const target = assembler({
      ...purePrimitives,
      allocate(byteLength) {
        allocations++;
        return new Uint8Array(byteLength);
      },
    });
    target.begin(false);
    for (let piece = 0; piece < 10_000; piece++) append(target, Uint8Array.of(piece));
    expect((target.finish() as Uint8Array).byteLength).toBe(10_000);
    // 1, 2, 4 … 16,384 bytes. The message fills less than 3/4 of the last, and is a copy out of it.
    expect(allocations).toBe(15);
  });

  it.each([
    [1000, 1000, 1000],
    [750, 1000, 1000],
    [749, 1000, 749],
  ])(
    'is pinned by the message only if that fills three quarters of it: %i of %i bytes',
    (length, room, pinned) => {
      const target = assembler();
      target.begin(false);
      append(target, new Uint8Array(length), room);
      const message = target.finish() as Uint8Array;
      expect(message.byteLength).toBe(length);
      expect(message.buffer.byteLength).toBe(pinned);
    },
  );
});

describe('a message of more than 64 KiB', () => {
  /** Counts the blocks that are taken from it. */
  class CountingPool extends BlockPool {
    taken = 0;
    given = 0;
    override take(): Uint8Array {
      this.taken++;
      return super.take();
    }
    override giveBack(block: Uint8Array): void {
      if (block.byteLength === BLOCK_BYTES) this.given++;
      super.giveBack(block);
    }
  }

  const payload = Uint8Array.from({ length: 3 * BLOCK_BYTES + 5 }, (_, index) => index * 7);

  function large(text: boolean): [MessageAssembler, CountingPool] {
    const pool = new CountingPool(purePrimitives);
    const target = new MessageAssembler(purePrimitives, pool, MIB);
    target.begin(text);
    return [target, pool];
  }

  it.each([1, 1000, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, payload.byteLength])(
    'is put together from pieces of %i bytes, in memory of its own',
    (pieceBytes) => {
      const [target, pool] = large(false);
      for (let start = 0; start < payload.byteLength; start += pieceBytes) {
        const end = Math.min(payload.byteLength, start + pieceBytes);
        target.append(payload, start, end, payload.byteLength - start);
      }
      const message = target.finish() as Uint8Array;
      expect(message).toEqual(payload);
      expect(message.buffer.byteLength).toBe(payload.byteLength);
      expect(pool).toMatchObject({ taken: 3, given: 3 });
      expect(target.retainedBytes).toBe(0);
    },
  );

  it('is text just so', () => {
    const [target, pool] = large(true);
    const text = 'Größe '.repeat(20_000);
    append(target, encoder.encode(text));
    expect(target.finish()).toBe(text);
    expect(pool).toMatchObject({ taken: 2, given: 2 });
  });

  it('gives its blocks back when it is forgotten, or a part of it is taken', () => {
    const [target, pool] = large(false);
    append(target, payload);
    target.discard();
    expect(pool).toMatchObject({ taken: 3, given: 3 });
    append(target, payload);
    expect(target.takePart()).toEqual(payload);
    expect(pool).toMatchObject({ taken: 6, given: 6 });
  });

  it('gives its last block back as well, whole and copied out', () => {
    const [target, pool] = large(false);
    append(target, payload.subarray(0, 3 * BLOCK_BYTES));
    expect(target.finish()).toEqual(payload.subarray(0, 3 * BLOCK_BYTES));
    expect(pool).toMatchObject({ taken: 3, given: 3 });
  });

  it('does not give back what is handed out', () => {
    const [target, pool] = large(false);
    append(target, payload.subarray(0, BLOCK_BYTES - 1), MIB);
    const part = target.takePart() as Uint8Array;
    expect(pool).toMatchObject({ taken: 1, given: 0 });
    append(target, new Uint8Array(BLOCK_BYTES), MIB);
    expect(part).toEqual(payload.subarray(0, BLOCK_BYTES - 1));
  });

  it('is held in no more than the limit', () => {
    const pool = new BlockPool(purePrimitives);
    const target = new MessageAssembler(purePrimitives, pool, BLOCK_BYTES + 10);
    target.begin(false);
    append(target, new Uint8Array(BLOCK_BYTES + 1), BLOCK_BYTES + 10);
    expect(target.retainedBytes).toBe(BLOCK_BYTES + 10 + 128);
    target.discard();
    append(target, new Uint8Array(BLOCK_BYTES + 6));
    append(target, new Uint8Array(4));
    expect(target.retainedBytes).toBe(BLOCK_BYTES + 10 + 128);
  });

  it('of exactly 64 KiB is its block', () => {
    const [target, pool] = large(false);
    append(target, payload.subarray(0, 100), BLOCK_BYTES);
    append(target, payload.subarray(100, BLOCK_BYTES));
    expect((target.finish() as Uint8Array).buffer.byteLength).toBe(BLOCK_BYTES);
    expect(pool).toMatchObject({ taken: 0, given: 0 });
  });
});

describe('a runtime that can hold less than the limit allows', () => {
  const small: Primitives = {
    ...purePrimitives,
    allocate(byteLength) {
      if (byteLength > 100) throw new RangeError('Array buffer allocation failed');
      return new Uint8Array(byteLength);
    },
    copy(bytes, start, end) {
      if (end - start > 100) throw new RangeError('Array buffer allocation failed');
      return purePrimitives.copy(bytes, start, end);
    },
    decodeUtf8(bytes, start, end) {
      if (end - start > 100) throw new RangeError('Invalid string length');
      return purePrimitives.decodeUtf8(bytes, start, end);
    },
  };

  it('refuses what it cannot hold as too big, and does not throw what a peer caused', () => {
    const target = assembler(small);
    target.begin(true);
    expect(() => target.whole(new Uint8Array(101), 0, 101)).toThrow(code('WS_MESSAGE_TOO_BIG'));
    target.begin(false);
    expect(() => target.whole(new Uint8Array(9999), 0, 101)).toThrow(code('WS_MESSAGE_TOO_BIG'));
    const tooBig = 'A message is larger than the limit: more than this runtime can hold';
    expect(() => append(target, new Uint8Array(101))).toThrow(tooBig);
    expect(() => append(target, new Uint8Array(100), MIB)).toThrow(tooBig);
  });
});

describe('a part of a message', () => {
  it('can be taken, and what follows begins anew', () => {
    const target = assembler();
    target.begin(true);
    expect(target.takePart()).toBeUndefined();
    append(target, fromHex('48 c3'));
    expect(target.takePart()).toEqual(fromHex('48 c3'));
    expect(target.retainedBytes).toBe(0);
    // The text is judged as one all the same.
    expect(() => target.assertWhole()).toThrow(code('WS_TEXT_NOT_UTF8'));
    target.validate(fromHex('a9'), 0, 1);
    target.assertWhole();
    append(target, fromHex('69'));
    expect(target.finish()).toBe('i');
  });

  it('that makes a text invalid is refused, and bytes are always whole', () => {
    const target = assembler();
    target.begin(true);
    expect(() => target.validate(fromHex('ff'), 0, 1)).toThrow(code('WS_TEXT_NOT_UTF8'));
    target.begin(false);
    target.assertWhole();
  });
});
