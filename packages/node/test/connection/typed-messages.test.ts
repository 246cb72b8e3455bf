import type { ProtocolError } from '@heddle/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { Connection } from '../../src/connection/connection.ts';
import { binary, close, readServer, text } from '../frames.ts';
import { openHeld } from '../open.ts';
import { turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const message = z.object({ add: z.number() });
const reply = z.object({ sum: z.number(), note: z.string().default('none') });
type Reply = z.input<typeof reply>;

describe('schema.message and schema.reply', () => {
  it('make typed messages of JSON text, and JSON text of replies', async () => {
    const { socket, transport } = openHeld({ schema: { message, reply } });
    socket.on('message', (received) => {
      expectTypeOf(received).toEqualTypeOf<{ add: number }>();
      socket.send({ sum: received.add + 1 });
    });
    transport.delivers(text('{"add":41,"unknown":true}'));
    await turn();
    expect(readServer(transport.written)).toEqual(['{"sum":42,"note":"none"}']);
  });

  it('do the same in a loop', async () => {
    const { socket, transport } = openHeld({ schema: { message } });
    transport.delivers(Buffer.concat([text('{"add":1}'), text('{"add":2}'), close(1000)]));
    transport.push(null);
    const sums: number[] = [];
    for await (const { add } of socket) sums.push(add);
    expect(sums).toEqual([1, 2]);
  });

  it('may be only one of the two', async () => {
    const { socket, transport } = openHeld({ schema: { reply } });
    const messages: unknown[] = [];
    socket.on('message', (received) => {
      expectTypeOf(received).toEqualTypeOf<string | Buffer>();
      messages.push(received);
    });
    transport.delivers(Buffer.concat([text('no JSON'), binary(Buffer.from([1]))]));
    await turn();
    expect(messages).toEqual(['no JSON', Buffer.from([1])]);
  });

  it('refuse a reply of another form at the call', () => {
    const { socket } = openHeld({ schema: { reply } });
    const wrong = { sum: '1' } as unknown as Reply;
    const code = expect.objectContaining({ name: 'UsageError', code: 'WS_INVALID_REPLY' });
    expect(() => socket.send(wrong)).toThrow(code);
    expect(() => socket.send(wrong)).toThrow('sum: ');
    expect(socket.state).toBe('open');
  });

  it('tell coalesce the text that is sent', async () => {
    const seen: unknown[] = [];
    const { socket, transport } = openHeld({
      schema: { reply },
      slowConsumer: { coalesce: (sent) => seen.push(sent) },
      limits: { highWaterMarkBytes: 10 },
    });
    transport.block();
    socket.send({ sum: 1 });
    socket.send({ sum: 2 });
    expect(seen).toEqual(['{"sum":2,"note":"none"}']);
  });
});

describe('A message of another form', () => {
  it('closes with 1008, and the reason says where it is wrong', async () => {
    const { socket, transport } = openHeld({ schema: { message } });
    const messages: unknown[] = [];
    socket.on('message', (received) => messages.push(received));
    transport.delivers(Buffer.concat([text('{"add":"1"}'), text('{"add":1}')]));
    await turn();
    const [[, code, reason]] = readServer(transport.written) as [[string, number, string]];
    expect(code).toBe(1008);
    expect(reason).toMatch(/^add: /);
    expect(messages).toEqual([]);
    transport.delivers(close(1008));
    transport.push(null);
    const { error } = await socket.closed;
    expect(error).toMatchObject({ code: 'WS_INVALID_MESSAGE', issues: [{ path: ['add'] }] });
  });

  it('has a reason that fits, however many things are wrong', async () => {
    const { socket, transport } = openHeld({ schema: { message: z.array(z.string()) } });
    socket.on('message', () => {});
    transport.delivers(text(JSON.stringify(Array(1_000).fill(1))));
    await turn();
    const [[, code, reason]] = readServer(transport.written) as [[string, number, string]];
    expect(code).toBe(1008);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });

  it('closes with 1003 if it is binary', async () => {
    const { socket, transport } = openHeld({ schema: { message } });
    socket.on('message', () => {});
    transport.delivers(binary(Buffer.from('{"add":1}')));
    await turn();
    expect(readServer(transport.written)).toMatchObject([['close', 1003, expect.any(String)]]);
  });

  it('is judged when its turn comes: what waited before it is delivered', async () => {
    const { socket, transport } = openHeld({ schema: { message } });
    transport.delivers(Buffer.concat([text('{"add":1}'), text('{"add":2}'), text('bad')]));
    await turn();
    expect(socket.state).toBe('open');
    const got: unknown[] = [];
    const loop = (async () => {
      for await (const received of socket) got.push(received);
    })();
    await turn();
    transport.push(null);
    await loop;
    expect(got).toEqual([{ add: 1 }, { add: 2 }]);
    expect((await socket.closed).error).toMatchObject({ code: 'WS_INVALID_MESSAGE' });
  });
});

describe('onInvalidMessage', () => {
  it('takes it, and the connection goes on, for a listener and in a loop', async () => {
    for (const consume of [listening, looping]) {
      const invalid: [ProtocolError, unknown][] = [];
      const { socket, transport } = openHeld({
        schema: { message },
        onInvalidMessage: (error, connection) => void invalid.push([error, connection]),
      });
      const got = consume(socket);
      transport.delivers(Buffer.concat(['bad', '{"add":1}', '{}', '{"add":2}'].map(text)));
      await turn();
      expect(got).toEqual([{ add: 1 }, { add: 2 }]);
      expect(invalid.map(([{ code }]) => code)).toEqual([
        'WS_INVALID_MESSAGE',
        'WS_INVALID_MESSAGE',
      ]);
      expect(invalid[0]?.[1]).toBe(socket);
      expect(socket.state).toBe('open');
    }
  });

  it('may close the connection with a code of its own', async () => {
    const { socket, transport } = openHeld({
      schema: { message },
      onInvalidMessage: (_, connection) => void connection.close(4_400, 'bad'),
    });
    const got = listening(socket);
    transport.delivers(Buffer.concat([text('bad'), text('{"add":1}')]));
    await turn();
    expect(readServer(transport.written)).toEqual([['close', 4_400, 'bad']]);
    expect(got).toEqual([]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    ['rejects', async () => await Promise.reject(new Error('mine'))],
  ])(
    'is code of the application: when it %s, that goes to onError',
    async (_, onInvalidMessage) => {
      const reported: unknown[] = [];
      const { socket, transport } = openHeld({
        schema: { message },
        onInvalidMessage,
        onError: (error) => void reported.push(error),
      });
      listening(socket);
      transport.delivers(text('bad'));
      await turn();
      expect(reported).toEqual([new Error('mine')]);
      expect(readServer(transport.written)).toEqual([['close', 1011, '']]);
    },
  );
});

describe('A schema that is wrong itself', () => {
  it.each([
    ['asynchronous', z.string().refine(async () => await Promise.resolve(true))],
    [
      'throwing',
      () => {
        throw new Error('from the schema');
      },
    ],
  ])('is the mistake of the application: %s', async (_, wrong) => {
    const reported: unknown[] = [];
    const { socket, transport } = openHeld({
      schema: { message: wrong, reply: wrong },
      onError: (error) => void reported.push(error),
    });
    socket.on('message', () => {});
    expect(() => socket.send('"text"')).toThrow();
    transport.delivers(text('"text"'));
    await turn();
    expect(reported).toHaveLength(1);
    expect(readServer(transport.written)).toEqual([['close', 1011, '']]);
  });
});

function listening<In>(socket: Connection<In, unknown>): In[] {
  const got: In[] = [];
  socket.on('message', (received) => got.push(received));
  return got;
}

function looping<In>(socket: Connection<In, unknown>): In[] {
  const got: In[] = [];
  void (async () => {
    for await (const received of socket) got.push(received);
  })();
  return got;
}
