import { describe, expect, it } from 'vitest';
import { type Connection, runHandler } from '../../src/connection/connection.ts';
import type { ConnectionOptions } from '../../src/options.ts';
import { close, frame, ping, readServer, text } from '../frames.ts';
import type { HeldTransport } from '../held-transport.ts';
import { openHeld } from '../open.ts';
import { turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

const uncaught = expectNothingUncaught();

interface Subject {
  readonly socket: Connection;
  readonly transport: HeldTransport;
  readonly reported: unknown[][];
}

function subject(options: ConnectionOptions = {}): Subject {
  const reported: unknown[][] = [];
  const onError = (...args: unknown[]) => reported.push(args);
  const made = openHeld({ onError, limits: { highWaterMarkBytes: 1_000 }, ...options });
  return { ...made, reported };
}

/** Makes each event happen. */
const provoke: Record<string, (subject: Subject) => void> = {
  message: ({ transport }) => transport.delivers(text('hello')),
  ping: ({ transport }) => transport.delivers(ping('?')),
  pong: ({ transport }) => transport.delivers(frame({ opcode: 10, payload: '!' })),
  drain: ({ socket, transport }) => {
    transport.block();
    socket.send('x'.repeat(2_000));
    transport.unblock();
  },
};

const asError = (message: string) => new Error(message);

describe.each(Object.keys(provoke))('A %s listener', (event) => {
  it.each([
    [
      'throws',
      () => {
        throw asError('mine');
      },
    ],
    ['rejects', async () => await Promise.reject(asError('mine'))],
  ])('that %s: the error goes to onError, the connection closes with 1011', async (_, listener) => {
    const made = subject();
    made.socket.on(event as 'message', listener);
    provoke[event]?.(made);
    await turn();
    expect(made.reported).toEqual([[asError('mine'), made.socket, undefined]]);
    const sent = readServer(made.transport.written);
    expect(sent.at(-1)).toEqual(['close', 1011, '']);
    made.transport.delivers(close(1011));
    made.transport.push(null);
    expect(await made.socket.closed).toMatchObject({
      code: 1011,
      wasClean: true,
      error: { message: 'mine' },
    });
  });
});

describe('A peer that leaves while the handler awaits', () => {
  it.each([
    ['drained()', async (socket: Connection) => await socket.drained()],
    ['ping()', async (socket: Connection) => void (await socket.ping())],
  ])('%s is no mistake of the application', async (_, wait) => {
    const { socket, transport, reported } = subject();
    const settled: unknown[] = [];
    runHandler(socket, async () => {
      transport.block();
      socket.send('x'.repeat(2_000));
      await wait(socket).catch((error: unknown) => {
        settled.push(error);
        throw error;
      });
    });
    transport.destroy();
    await socket.closed;
    await turn();
    expect(settled).toEqual([expect.objectContaining({ code: 'WS_CLOSED' })]);
    expect(reported).toEqual([]);
  });

  it('something of another connection is one', async () => {
    const { socket, reported } = subject();
    const other = subject();
    other.socket.destroy();
    runHandler(socket, () => other.socket.drained());
    await turn();
    expect(reported).toEqual([[expect.objectContaining({ code: 'WS_CLOSED' }), socket, undefined]]);
  });
});

describe.each(['close', 'error'] as const)('A %s listener', (event) => {
  it.each([
    [
      'throws',
      () => {
        throw asError('mine');
      },
    ],
    ['rejects', async () => await Promise.reject(asError('mine'))],
  ])(
    'that %s: the error goes to onError, and the end is told all the same',
    async (_, listener) => {
      const { socket, reported } = subject();
      const told: string[] = [];
      socket.on('close', () => told.push('close'));
      socket.on(event, listener);
      socket.destroy(asError('lost'));
      expect(await socket.closed).toMatchObject({ error: { message: 'lost' } });
      await turn();
      expect(reported).toEqual([[asError('mine'), socket, undefined]]);
      expect(told).toEqual(['close']);
    },
  );
});

describe('A handler', () => {
  it.each([
    [
      'throws',
      () => {
        throw asError('mine');
      },
    ],
    ['rejects', async () => await Promise.reject(asError('mine'))],
  ])('that %s: the error goes to onError, the connection closes with 1011', async (_, handler) => {
    const { socket, transport, reported } = subject();
    runHandler(socket, handler);
    await turn();
    expect(reported).toEqual([[asError('mine'), socket, undefined]]);
    expect(readServer(transport.written)).toEqual([['close', 1011, '']]);
  });

  it('that rejects after the end is reported, and that is all', async () => {
    const { socket, reported } = subject();
    runHandler(socket, async () => {
      await socket.closed;
      throw asError('late');
    });
    socket.destroy();
    await turn();
    expect(reported).toEqual([[asError('late'), socket, undefined]]);
  });

  it('that throws what is no error is reported with just that', async () => {
    const { socket, transport, reported } = subject();
    runHandler(socket, () => {
      throw 'a string';
    });
    await turn();
    expect(reported).toEqual([['a string', socket, undefined]]);
    transport.delivers(close(1011));
    transport.push(null);
    expect((await socket.closed).error?.message).toBe("'a string'");
  });

  it('without an onError is a warning of the process', async () => {
    const { socket } = openHeld();
    runHandler(socket, () => {
      throw asError('nobody takes this');
    });
    await turn();
    expect(uncaught.splice(0)).toEqual([asError('nobody takes this')]);
    expect(socket.state).toBe('closing');
  });

  it('whose onError throws is a warning, too, and the connection closes', async () => {
    const { socket } = openHeld({
      onError: () => {
        throw asError('from onError');
      },
    });
    runHandler(socket, async () => await Promise.reject(asError('mine')));
    await turn();
    expect(uncaught.splice(0)).toEqual([asError('from onError')]);
    expect(socket.state).toBe('closing');
  });
});

describe('What an application has done wrong', () => {
  it('ends its own connection, in the middle of a read, and nothing after it is told', async () => {
    const { socket, transport, reported } = subject();
    const messages: unknown[] = [];
    socket.on('message', (message) => {
      messages.push(message);
      if (message === 'b') throw asError('mine');
    });
    transport.delivers(Buffer.concat(['a', 'b', 'c'].map(text)));
    await turn();
    expect(messages).toEqual(['a', 'b']);
    expect(reported).toHaveLength(1);
  });

  it('ends its own connection, and nothing of what had waited is told', async () => {
    const { socket, transport, reported } = subject();
    transport.delivers(Buffer.concat(['a', 'b', 'c'].map(text)));
    await turn();
    const messages: unknown[] = [];
    socket.on('message', (message) => {
      messages.push(message);
      throw asError('mine');
    });
    await turn();
    expect(messages).toEqual(['a']);
    expect(reported).toHaveLength(1);
  });

  it('is reported as it is when it is a mistake with the connection itself', async () => {
    const { socket, transport, reported } = subject();
    socket.on('message', () => {
      void socket.close();
      socket.send('too late');
    });
    transport.delivers(text('a'));
    await turn();
    expect(reported[0]?.[0]).toMatchObject({ code: 'WS_SEND_AFTER_CLOSE' });
    expect(readServer(transport.written)).toEqual([['close', 1000, '']]);
  });

  it('may be repaired by onError, which can close with a code of its own', async () => {
    const { socket, transport } = openHeld({
      onError: (_error, connection) => void connection.close(4_500, 'sorry'),
    });
    socket.on('message', () => {
      throw asError('mine');
    });
    transport.delivers(text('a'));
    await turn();
    expect(readServer(transport.written)).toEqual([['close', 4_500, 'sorry']]);
  });
});

describe('What a peer has done wrong', () => {
  it('is no error of the application: it is emitted, and in the close information', async () => {
    const { socket, transport, reported } = subject();
    const errors: Error[] = [];
    socket.on('error', (error) => errors.push(error));
    transport.delivers(Buffer.from('83', 'hex'));
    transport.push(null);
    const { error } = await socket.closed;
    expect(error).toMatchObject({ code: 'WS_RESERVED_OPCODE' });
    expect(errors).toEqual([error]);
    expect(reported).toEqual([]);
  });

  it('needs no error listener', async () => {
    const { socket, transport } = subject();
    transport.delivers(Buffer.from('83', 'hex'));
    transport.push(null);
    expect((await socket.closed).wasClean).toBe(false);
  });
});
