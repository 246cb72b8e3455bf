import { describe, expect, it } from 'vitest';
import type { Connection } from '../../src/connection/connection.ts';
import { close, frame, opcodesOf, ping, readServer, text } from '../frames.ts';
import type { HeldTransport } from '../held-transport.ts';
import { openHeld } from '../open.ts';
import { turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** What an application may do to its connection from within any listener. */
const acts: Record<string, (socket: Connection, transport: HeldTransport) => void> = {
  'sends text': (socket) => void socket.send('from within'),
  'sends more than the mark': (socket) => void socket.send('x'.repeat(5_000)),
  closes: (socket) => void socket.close(4_000),
  destroys: (socket) => socket.destroy(),
  pauses: (socket) => socket.pause(),
  resumes: (socket) => socket.resume(),
  pings: (socket) => void socket.ping(),
  'waits for drained': (socket) => void socket.drained(),
  'removes every listener': (socket) => void socket.removeAllListeners(),
  'adds a listener': (socket) => void socket.on('message', () => {}),
  'closes, then destroys': (socket) => {
    void socket.close();
    socket.destroy();
  },
};

/** Each event, and how it comes to be. */
const events: Record<string, (socket: Connection, transport: HeldTransport) => void> = {
  message: (_, transport) => transport.delivers(text('hello')),
  ping: (_, transport) => transport.delivers(ping('?')),
  pong: (_, transport) => transport.delivers(frame({ opcode: 10, payload: '!' })),
  drain: (socket, transport) => {
    transport.block();
    socket.send('x'.repeat(5_000));
    transport.unblock();
  },
};

describe.each(Object.entries(events))('Within a %s listener', (event, happens) => {
  it.each(Object.entries(acts))('whoever %s finds a connection in order', async (name, act) => {
    const { socket, transport } = openHeld({ limits: { highWaterMarkBytes: 1_000 } });
    await turn();
    let calls = 0;
    socket.on(event as 'message', () => {
      // Once: a drain listener that fills the buffer again would be called forever.
      if (calls++ === 0) act(socket, transport);
    });
    happens(socket, transport);
    transport.delivers(Buffer.concat([text('a'), ping('p')]));
    await turn();
    expect(calls).toBeGreaterThan(0);
    // It either goes on as if nothing had been, or ends as it was told.
    socket.resume();
    transport.delivers(Buffer.concat([text('b'), close(1001)]));
    transport.push(null);
    const { code, error } = await socket.closed;
    expect(error).toBeUndefined();
    expect(code).toBe(name.includes('destroys') ? 1006 : 1001);
    // §5.5.1: no data leaves behind a close frame, and no second one.
    const opcodes = opcodesOf(transport.written);
    const closed = opcodes.indexOf(8);
    const behind = closed < 0 ? [] : opcodes.slice(closed + 1);
    expect(behind.filter((opcode) => opcode !== 10)).toEqual([]);
  });
});

describe('A message listener', () => {
  it('that sends and closes has both leave in one write, in that order', async () => {
    const { socket, transport } = openHeld();
    socket.on('message', (message) => {
      socket.send(`to ${message}`);
      void socket.close(4_000, 'done');
    });
    transport.delivers(Buffer.concat([text('a'), text('b')]));
    await turn();
    expect(readServer(transport.written)).toEqual(['to a', ['close', 4_000, 'done']]);
    expect(transport.writes).toHaveLength(1);
  });

  it('that pauses gets nothing more, not even of the same read, until it resumes', async () => {
    const { socket, transport } = openHeld();
    const messages: unknown[] = [];
    socket.on('message', (message) => {
      messages.push(message);
      if (message === 'b') socket.pause();
    });
    transport.delivers(Buffer.concat(['a', 'b', 'c', 'd'].map(text)));
    await turn();
    transport.delivers(text('e'));
    await turn();
    expect(messages).toEqual(['a', 'b']);
    expect(transport.isPaused()).toBe(true);
    socket.resume();
    await turn();
    expect(messages).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('that closes gets no further message of the same read', async () => {
    const { socket, transport } = openHeld();
    const messages: unknown[] = [];
    socket.on('message', (message) => {
      messages.push(message);
      void socket.close();
    });
    transport.delivers(Buffer.concat([text('a'), text('b'), close(1000)]));
    transport.push(null);
    expect((await socket.closed).wasClean).toBe(true);
    expect(messages).toEqual(['a']);
  });

  it('that overflows its own connection learns of it by false, and of nothing else', async () => {
    const { socket, transport } = openHeld({
      limits: { highWaterMarkBytes: 10, maxBufferedBytes: 100 },
    });
    transport.block();
    const results: boolean[] = [];
    socket.on('message', () => {
      for (let index = 0; index < 5; index++) results.push(socket.send('x'.repeat(90)));
    });
    transport.delivers(Buffer.concat([text('a'), text('b')]));
    await turn();
    transport.unblock();
    transport.push(null);
    expect((await socket.closed).error).toMatchObject({ code: 'WS_SLOW_CONSUMER' });
    expect(results).toEqual([false, false, false, false, false]);
  });
});

describe('A ping listener', () => {
  it('has a copy of the payload: what it does to it does not change the answer', async () => {
    const { socket, transport } = openHeld();
    socket.on('ping', (payload) => payload.fill(0));
    transport.delivers(ping('echo me'));
    await turn();
    expect(readServer(transport.written)).toEqual([['pong', 'echo me']]);
  });
});

describe('A close listener', () => {
  it.each(Object.entries(acts))('may be one that %s', async (_, act) => {
    const { socket, transport } = openHeld();
    const outcomes: unknown[] = [];
    socket.on('close', () => {
      try {
        act(socket, transport);
      } catch (error) {
        outcomes.push(error);
      }
    });
    transport.delivers(close(1001));
    transport.push(null);
    await socket.closed;
    await turn();
    expect(outcomes).toEqual([]);
    expect(socket.state).toBe('closed');
  });
});
