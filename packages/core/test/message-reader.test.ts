import { describe, expect, it } from 'vitest';
import { BlockPool } from '../src/block-pool.ts';
import type { Message } from '../src/message.ts';
import { MessageReader, type MessageSink } from '../src/message-reader.ts';
import { purePrimitives } from '../src/primitives.ts';
import { type Event, messageEvent } from './endpoint.ts';
import { fromHex, toHex } from './hex.ts';
import { ScriptedInflater } from './scripted-inflater.ts';

const ENDED: Event = { ended: 'message' };

interface Reading {
  readonly reader: MessageReader;
  readonly events: Event[];
  readonly pieces: Uint8Array[];
  take(hex: string, ended?: boolean): void;
}

function read(inflater?: ScriptedInflater, maxMessageBytes = 64, on: Partial<MessageSink> = {}) {
  const events: Event[] = [];
  const pieces: Uint8Array[] = [];
  const sink: MessageSink = {
    message: (message) => {
      events.push(messageEvent(message));
    },
    messageStart: (text) => {
      events.push({ start: text ? 'text' : 'binary' });
    },
    messagePiece: (piece) => {
      pieces.push(piece);
      events.push({ piece: toHex(piece) });
      on.messagePiece?.(piece);
    },
    messageEnd: () => {
      events.push({ ended: 'message' });
    },
  };
  const blocks = new BlockPool(purePrimitives);
  const options = { primitives: purePrimitives, blocks, maxMessageBytes, inflater };
  const reader = new MessageReader(options, sink);
  const take = (hex: string, ended = false) => {
    const bytes = fromHex(hex);
    reader.take(bytes, 0, bytes.byteLength, bytes.byteLength, ended);
  };
  return { reader, events, pieces, take } satisfies Reading;
}

describe('a message that is put together', () => {
  it('comes whole, from one piece and from several', () => {
    const { reader, events, take } = read();
    reader.begin(true, false);
    take('61 62', true);
    reader.begin(false, false);
    take('01');
    take('');
    take('02', true);
    expect(events).toEqual([{ message: 'ab' }, { message: { hex: '01 02' } }]);
  });
});

describe('a message that is streamed', () => {
  it('begins before anything of it has come, and ends when it is whole', () => {
    const { reader, events, take } = read();
    reader.streaming = true;
    reader.begin(false, false);
    expect(events).toEqual([{ start: 'binary' }]);
    take('01');
    take('');
    take('ff');
    take('', true);
    expect(events.slice(1)).toEqual([{ piece: '01' }, { piece: 'ff' }, ENDED]);
  });

  it('has what had come of the message in progress as its first piece', () => {
    const { reader, events, take } = read();
    reader.begin(true, false);
    take('e2 82');
    reader.streaming = true;
    take('ac', true);
    expect(events).toEqual([{ start: 'text' }, { piece: 'e2 82' }, { piece: 'ac' }, ENDED]);
  });

  it('has no piece before anything of it has come', () => {
    const { reader, events, take } = read();
    reader.begin(false, false);
    reader.streaming = true;
    expect(events).toEqual([{ start: 'binary' }]);
    take('01', true);
    expect(events.slice(1)).toEqual([{ piece: '01' }, ENDED]);
  });

  it('stays so to its end when streaming ends, and the next one is put together', () => {
    const { reader, events, take } = read();
    reader.streaming = true;
    reader.begin(false, false);
    take('01');
    reader.streaming = false;
    take('02', true);
    reader.begin(false, false);
    take('03', true);
    expect(events.slice(1)).toEqual([
      { piece: '01' },
      { piece: '02' },
      ENDED,
      { message: { hex: '03' } },
    ]);
  });

  it('is put together after all where that is asked for', () => {
    const { reader, events, take } = read();
    reader.streaming = true;
    reader.begin(true, false);
    take('');
    reader.streaming = false;
    reader.putTogether();
    take('61');
    take('62', true);
    expect(events).toEqual([{ start: 'text' }, { message: 'ab' }]);
  });

  it('stays so otherwise, whatever of it has come', () => {
    for (const come of ['', '61']) {
      const { reader, events, take } = read();
      reader.streaming = true;
      reader.begin(true, false);
      take(come);
      reader.streaming = false;
      if (come !== '') reader.putTogether();
      take('62', true);
      expect(events.slice(-2)).toEqual([{ piece: '62' }, ENDED]);
    }
  });

  it('stays so where what had come of it has been passed on', () => {
    const { reader, events, take } = read();
    reader.begin(true, false);
    take('61');
    reader.streaming = true;
    reader.putTogether();
    take('62', true);
    expect(events).toEqual([{ start: 'text' }, { piece: '61' }, { piece: '62' }, ENDED]);
  });

  it('is forgotten by a close from within its last piece', () => {
    const reading: Reading = read(undefined, 64, { messagePiece: () => reading.reader.close() });
    reading.reader.streaming = true;
    reading.reader.begin(true, false);
    reading.take('61', true);
    expect(reading.events).toEqual([{ start: 'text' }, { piece: '61' }]);
  });

  it('is not there to be put together', () => {
    const { reader, events, take } = read();
    reader.putTogether();
    reader.begin(true, false);
    reader.putTogether();
    take('61', true);
    expect(events).toEqual([{ message: 'a' }]);
  });

  it('changes nothing between messages, or when it is said twice', () => {
    const { reader, events, take } = read();
    reader.streaming = true;
    reader.streaming = true;
    expect(events).toEqual([]);
    reader.begin(false, false);
    reader.streaming = true;
    take('01', true);
    expect(events).toEqual([{ start: 'binary' }, { piece: '01' }, ENDED]);
  });

  it('is judged as text at each piece, and at its end', () => {
    const notUtf8 = expect.objectContaining({ code: 'WS_TEXT_NOT_UTF8' });
    const { reader, take } = read();
    reader.streaming = true;
    reader.begin(true, false);
    expect(() => take('c0')).toThrow(notUtf8);
    const other = read();
    other.reader.streaming = true;
    other.reader.begin(true, false);
    other.take('e2 82');
    expect(() => other.take('', true)).toThrow(notUtf8);
  });

  it('keeps nothing of bytes that are lent, whole, in pieces or yet to be inflated', () => {
    const { reader, pieces } = read();
    reader.streaming = true;
    reader.lent = true;
    reader.begin(false, false);
    const lender = Uint8Array.of(1, 2, 3);
    reader.take(lender, 0, 3, 3, true);
    const rest = reader.own(lender, 1, 3);
    lender.fill(0);
    expect([...pieces, rest]).toEqual([Uint8Array.of(1, 2, 3), Uint8Array.of(2, 3)]);
    reader.lent = false;
    expect(reader.own(lender, 1, 3).buffer).toBe(lender.buffer);
  });

  it('has pieces that do not pin the read they came in', () => {
    const { reader, pieces } = read();
    reader.streaming = true;
    reader.begin(false, false);
    reader.take(new Uint8Array(100), 10, 20, 50, false);
    reader.take(new Uint8Array(100), 0, 40, 40, true);
    expect(pieces.map(({ byteLength, buffer }) => [byteLength, buffer.byteLength])).toEqual([
      [10, 10],
      [40, 100],
    ]);
  });
});

describe('RFC 7692 §7.2.2, a compressed message', () => {
  it('is inflated, text and binary, from one piece and from several', () => {
    const inflater = new ScriptedInflater({ factor: 3 });
    const { reader, events, take } = read(inflater);
    reader.begin(true, true);
    take('61', true);
    reader.begin(false, true);
    take('01 02', true);
    reader.begin(true, true);
    take('62');
    take('', true);
    expect(events).toEqual([
      { message: 'aaa' },
      { message: { hex: '01 01 01 02 02 02' } },
      { message: 'bbb' },
    ]);
    expect(inflater.lasts).toEqual([true, true, false, true]);
  });

  it('is none of the inflater if it is not marked', () => {
    const inflater = new ScriptedInflater();
    const { reader, events, take } = read(inflater);
    reader.begin(true, false);
    take('61', true);
    expect(events).toEqual([{ message: 'a' }]);
    expect(inflater.lasts).toEqual([]);
  });

  it('may be no longer than the limit, and what goes beyond it is not inflated', () => {
    const inflater = new ScriptedInflater({ factor: 100 });
    const { reader, take } = read(inflater, 10);
    reader.begin(false, true);
    const tooBig = {
      code: 'WS_MESSAGE_TOO_BIG',
      message: expect.stringContaining('limit 10 bytes'),
    };
    expect(() => take('01', true)).toThrow(expect.objectContaining(tooBig));
    expect(inflater.drained).toBe(false);
  });

  it('may be as long as the limit', () => {
    const { reader, events, take } = read(new ScriptedInflater({ factor: 10 }), 10);
    reader.begin(false, true);
    take('61', true);
    expect(events).toHaveLength(1);
  });

  it('is streamed as bytes that are not the inflater’s', () => {
    const { reader, events, pieces, take } = read(
      new ScriptedInflater({ factor: 3, pieceBytes: 4 }),
    );
    reader.streaming = true;
    reader.begin(true, true);
    take('61 62', true);
    expect(events).toEqual([
      { start: 'text' },
      { piece: '61 61 61 62' },
      { piece: '62 62' },
      ENDED,
    ]);
    expect(pieces.map(toHex)).toEqual(['61 61 61 62', '62 62']);
  });

  it('waits for an inflater that is not ready, and goes on when it is', () => {
    const inflater = new ScriptedInflater({ factor: 6, readyPulls: 1 });
    const { reader, events, take } = read(inflater);
    reader.begin(true, true);
    take('61', true);
    expect(reader.suspended).toBe(true);
    expect(events).toEqual([]);
    inflater.readyPulls = 1;
    reader.resume();
    expect(reader.suspended).toBe(false);
    expect(events).toEqual([{ message: 'aaaaaa' }]);
    reader.resume();
    expect(events).toHaveLength(1);
  });

  it('waits while it is paused from within a piece', () => {
    const reading: Reading = read(new ScriptedInflater({ factor: 6 }), 64, {
      messagePiece: () => {
        reading.reader.paused = true;
      },
    });
    const { reader, events, take } = reading;
    reader.streaming = true;
    reader.begin(false, true);
    take('61', true);
    expect(events).toEqual([{ start: 'binary' }, { piece: '61 61 61 61' }]);
    reader.resume();
    expect(events).toHaveLength(2);
    reader.paused = false;
    reader.resume();
    expect(events.slice(2)).toEqual([{ piece: '61 61' }, ENDED]);
  });

  it('is forgotten by a close from within a piece', () => {
    const inflater = new ScriptedInflater({ factor: 6 });
    const reading: Reading = read(inflater, 64, { messagePiece: () => reading.reader.close() });
    reading.reader.streaming = true;
    reading.reader.begin(false, true);
    reading.take('61', true);
    expect(reading.events).toEqual([{ start: 'binary' }, { piece: '61 61 61 61' }]);
    expect(inflater.closed).toBe(true);
    expect(reading.reader.suspended).toBe(false);
  });
});

describe('a reader that is muted', () => {
  it('tells of no message, whole or streamed, and judges them all the same', () => {
    const { reader, events, take } = read();
    reader.mute();
    reader.begin(true, false);
    take('61', true);
    reader.streaming = true;
    reader.begin(true, false);
    take('61');
    take('', true);
    expect(events).toEqual([]);
    reader.begin(true, false);
    expect(() => take('ff')).toThrow(expect.objectContaining({ code: 'WS_TEXT_NOT_UTF8' }));
  });
});

describe('a sink that wants whole messages only', () => {
  it('misses those that are streamed', () => {
    const messages: Message[] = [];
    const blocks = new BlockPool(purePrimitives);
    const options = {
      primitives: purePrimitives,
      blocks,
      maxMessageBytes: 64,
      inflater: undefined,
    };
    const reader = new MessageReader(options, { message: (message) => messages.push(message) });
    reader.streaming = true;
    reader.begin(true, false);
    reader.take(fromHex('61'), 0, 1, 1, true);
    reader.streaming = false;
    reader.begin(true, false);
    reader.take(fromHex('62'), 0, 1, 1, true);
    expect(messages).toEqual(['b']);
  });
});

describe('what is held', () => {
  it('is nothing before a message, where there is no inflater', () => {
    expect(read().reader.retainedBytes).toBe(0);
  });

  it('is the message in progress and what the inflater says, with the overhead of an object each', () => {
    const inflater = new ScriptedInflater();
    const { reader, take } = read(inflater);
    expect(reader.retainedBytes).toBe(0);
    inflater.retainedBytes = 4096;
    expect(reader.retainedBytes).toBe(4096 + 128);
    reader.begin(false, false);
    take('01 02');
    expect(reader.retainedBytes).toBe(4096 + 128 + 2 + 128);
    inflater.retainedBytes = 0;
    reader.close();
    expect(reader.retainedBytes).toBe(0);
  });
});
