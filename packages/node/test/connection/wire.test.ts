import { describe, expect, it } from 'vitest';
import { close, ping, readServer, text } from '../frames.ts';
import { HeldTransport } from '../held-transport.ts';
import { openHeld, openOver } from '../open.ts';
import { turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

describe('What came together with the opening handshake', () => {
  it('is read first', async () => {
    const transport = new HeldTransport();
    const bytes = Buffer.concat([text('first'), text('second')]);
    const socket = openOver(transport, {}, { head: bytes.subarray(0, 9) });
    const messages: unknown[] = [];
    socket.on('message', (message) => messages.push(message));
    transport.delivers(bytes.subarray(9));
    await turn();
    expect(messages).toEqual(['first', 'second']);
  });
});

describe('A transport', () => {
  it('may come paused', async () => {
    const transport = new HeldTransport();
    transport.pause();
    openOver(transport);
    transport.delivers(ping('?'));
    await turn();
    expect(readServer(transport.written)).toEqual([['pong', '?']]);
  });

  it('may be gone before it comes', async () => {
    const transport = new HeldTransport();
    transport.destroy();
    await turn();
    const socket = openOver(transport);
    expect(await socket.closed).toMatchObject({ code: 1006, wasClean: false });
    expect(socket.state).toBe('closed');
  });

  it('may be destroyed and not yet closed when it comes', async () => {
    const transport = new HeldTransport();
    transport.destroy();
    const socket = openOver(transport);
    let closes = 0;
    socket.on('close', () => closes++);
    await socket.closed;
    await turn();
    expect(closes).toBe(1);
  });

  it('may have ended before it comes', async () => {
    const transport = new HeldTransport();
    transport.resume();
    transport.push(null);
    await turn();
    const socket = openOver(transport);
    const { code, error } = await socket.closed;
    expect(code).toBe(1006);
    expect(error).toMatchObject({ code: 'WS_CLOSED_WITHOUT_HANDSHAKE' });
  });

  it('may deliver more while a listener is at work on what it had delivered', async () => {
    const { socket, transport } = openHeld();
    const messages: unknown[] = [];
    await turn();
    socket.on('message', (message) => {
      messages.push(`begins ${message}`);
      // As a stream in memory does when its other end answers at once.
      if (message === 'a') transport.delivers(Buffer.concat([text('c'), text('d')]));
      if (message === 'c') transport.delivers(text('e'));
      socket.send(message);
      messages.push(`ends ${message}`);
    });
    transport.delivers(Buffer.concat([text('a'), text('b')]));
    await turn();
    const order = ['a', 'b', 'c', 'd', 'e'];
    expect(messages).toEqual(order.flatMap((message) => [`begins ${message}`, `ends ${message}`]));
    expect(readServer(transport.written)).toEqual(order);
    expect(transport.writes).toHaveLength(1);
  });

  it('may deliver the answer before the write that asked for it returns', async () => {
    class Answering extends HeldTransport {
      override _write(chunk: Buffer, encoding: unknown, taken: () => void): void {
        super._write(chunk, encoding, taken);
        if (this.writes.length < 5) this.delivers(text(`answer ${this.writes.length}`));
      }
    }
    const transport = new Answering();
    const socket = openOver(transport, { limits: { highWaterMarkBytes: 4 } });
    await turn();
    const messages: unknown[] = [];
    socket.on('message', (message) => {
      messages.push(message);
      socket.send(`to ${message}`);
    });
    socket.send('first');
    await turn();
    await turn();
    expect(messages).toEqual(['answer 1', 'answer 2', 'answer 3', 'answer 4']);
    expect(readServer(transport.written)).toEqual([
      'first',
      ...messages.map((message) => `to ${message}`),
    ]);
  });

  it('may fail to write, and its error is told', async () => {
    const { socket, transport } = openHeld();
    const error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
    transport._write = (_chunk, _encoding, taken) => taken(error);
    socket.send('lost');
    const drained = socket.drained();
    expect(await socket.closed).toEqual({ code: 1006, reason: '', wasClean: false, error });
    await expect(drained).rejects.toMatchObject({ code: 'WS_CLOSED', cause: error });
  });
});

describe('A connection that fails while it is paused', () => {
  it('reads on, and so sees the end of the peer', async () => {
    const { socket, transport } = openHeld({
      closingTimeoutMs: 1_000_000,
      limits: { maxBufferedBytes: 10 },
    });
    socket.pause();
    transport.block();
    socket.send('x'.repeat(100));
    socket.send('one too many');
    transport.delivers(text('unread'));
    transport.push(null);
    transport.unblock();
    expect((await socket.closed).error).toMatchObject({ code: 'WS_SLOW_CONSUMER' });
  });
});

describe('close() while messages wait to be sent', () => {
  it('delivers nothing more, though the close frame has not left', async () => {
    const { socket, transport } = openHeld({ limits: { highWaterMarkBytes: 10 } });
    const messages: unknown[] = [];
    socket.on('message', (message) => messages.push(message));
    transport.block();
    socket.send('x'.repeat(100));
    socket.send('waits');
    void socket.close();
    transport.delivers(Buffer.concat([text('a'), ping('?')]));
    await turn();
    expect(messages).toEqual([]);
    transport.unblock();
    await turn();
    const [, waits, ...rest] = readServer(transport.written);
    expect([waits, ...rest]).toEqual(['waits', ['pong', '?'], ['close', 1000, '']]);
  });
});

describe('destroy()', () => {
  it('stops in the middle of a read: nothing of it is told any more', async () => {
    const { socket, transport } = openHeld();
    const told: unknown[] = [];
    socket.on('ping', (payload) => told.push(payload.toString()));
    socket.on('message', (message) => {
      told.push(message);
      if (message === 'b') socket.destroy();
    });
    transport.delivers(Buffer.concat([text('a'), text('b'), ping('p'), text('c'), close(1000)]));
    expect(await socket.closed).toEqual({
      code: 1006,
      reason: '',
      wasClean: false,
      error: undefined,
    });
    expect(told).toEqual(['a', 'b']);
  });

  it('takes the connection out of use at once', async () => {
    const { socket, transport } = openHeld();
    socket.send('not even this');
    socket.destroy(new Error('enough'));
    expect(socket.state).toBe('closing');
    expect(socket.send('nor this')).toBe(false);
    await expect(socket.drained()).rejects.toMatchObject({ code: 'WS_CLOSED' });
    await expect(socket.ping()).rejects.toMatchObject({ code: 'WS_CLOSED' });
    expect((await socket.close()).error?.message).toBe('enough');
    expect(socket.state).toBe('closed');
    expect(transport.written).toHaveLength(0);
  });

  it('keeps the first error', async () => {
    const { socket } = openHeld();
    socket.destroy(new Error('first'));
    socket.destroy(new Error('second'));
    socket.destroy();
    expect((await socket.closed).error?.message).toBe('first');
    socket.destroy(new Error('too late'));
  });

  it('drops what waits, for listeners and in a loop', async () => {
    const { socket, transport } = openHeld();
    transport.delivers(Buffer.concat([text('a'), text('b'), text('c')]));
    const messages: unknown[] = [];
    for await (const message of socket) {
      messages.push(message);
      socket.destroy();
    }
    expect(messages).toEqual(['a']);
    socket.on('message', (message) => messages.push(message));
    await turn();
    expect(messages).toEqual(['a']);
  });

  it('does not make a clean end unclean', async () => {
    const { socket, transport } = openHeld();
    transport.delivers(close(1001, 'away'));
    await turn();
    socket.destroy(new Error('not a failure any more'));
    expect(await socket.closed).toEqual({
      code: 1001,
      reason: 'away',
      wasClean: true,
      error: undefined,
    });
  });
});
