import { describe, expect, it } from 'vitest';
import { ProtocolError, UsageError } from '../src/errors.ts';
import { type Primitives, purePrimitives } from '../src/primitives.ts';
import { Protocol } from '../src/protocol.ts';
import type { ProtocolOptions } from '../src/protocol-options.ts';
import { Slab } from '../src/slab.ts';
import { Endpoint, type Event, ROLES, type Role, toEndpoint } from './endpoint.ts';
import { fromHex, joinBytes, toHex } from './hex.ts';
import { decodeFrames } from './reference-decoder.ts';
import { rsv1, ScriptedInflater } from './scripted-inflater.ts';

const TEXT_A = { opcode: 1, payload: fromHex('41') };
const CLOSE_1001 = { opcode: 8, payload: fromHex('03 e9 62 79 65') };

/** The frames that were written, as `opcode payload`. */
function framesOf(endpoint: Endpoint): string[] {
  return decodeFrames(endpoint.written()).map(({ opcode, payload }) =>
    `${opcode} ${toHex(payload)}`.trim(),
  );
}

function usage(code: string): object {
  return expect.objectContaining({ name: 'UsageError', code });
}

/** The rows of the table at the head of `protocol.ts`, in its order. */
interface Row {
  readonly from: 'open' | 'closing';
  readonly what: string;
  readonly happen: (endpoint: Endpoint, role: Role) => void;
  readonly to: 'closing' | 'closed';
  /** Frames that we write from here on. */
  readonly writes: readonly string[];
  readonly events: (role: Role) => readonly Event[];
}

const RESERVED_BITS: readonly Event[] = [{ fail: 'WS_RESERVED_BITS', closeCode: 1002 }, 'end'];
const CUT_OFF: readonly Event[] = [{ fail: 'WS_CLOSED_WITHOUT_HANDSHAKE', closeCode: 1006 }, 'end'];
const closeEvents = (role: Role): readonly Event[] => [
  { close: 1001, reason: 'bye' },
  // §7.1.1: the server ends TCP first.
  ...(role === 'server' ? (['end'] as const) : []),
];
const breakRule = (endpoint: Endpoint, role: Role): void => {
  endpoint.receive(toEndpoint(role, { opcode: 1, rsv: 1 }));
};
const failByOwner = (endpoint: Endpoint): void => {
  endpoint.protocol.fail(new ProtocolError('WS_RESERVED_BITS'));
};
const endStream = (endpoint: Endpoint): void => endpoint.protocol.receiveEnd();
const takeClose = (endpoint: Endpoint, role: Role): void => {
  endpoint.receive(toEndpoint(role, CLOSE_1001));
};

const RESERVED_BITS_FRAME = `8 03 ea ${toHex(
  new TextEncoder().encode('A frame sets a reserved bit that no negotiated extension defines'),
)}`;

const rows: readonly Row[] = [
  {
    from: 'open',
    what: 'close() is called',
    happen: ({ protocol }) => protocol.close(1000, 'ok'),
    to: 'closing',
    writes: ['8 03 e8 6f 6b'],
    events: () => [],
  },
  {
    from: 'open',
    what: 'a close frame comes',
    happen: takeClose,
    to: 'closed',
    // §5.5.1: the answer "typically echos the status code".
    writes: ['8 03 e9'],
    events: closeEvents,
  },
  {
    from: 'open',
    what: 'the peer breaks a rule',
    happen: breakRule,
    to: 'closed',
    writes: [RESERVED_BITS_FRAME],
    events: () => RESERVED_BITS,
  },
  {
    from: 'open',
    what: 'fail() is called',
    happen: failByOwner,
    to: 'closed',
    writes: [RESERVED_BITS_FRAME],
    events: () => RESERVED_BITS,
  },
  {
    from: 'open',
    what: 'the stream of the peer ends',
    happen: endStream,
    to: 'closed',
    writes: [],
    events: () => CUT_OFF,
  },
  {
    from: 'closing',
    what: 'a close frame comes',
    happen: takeClose,
    to: 'closed',
    writes: [],
    events: closeEvents,
  },
  {
    from: 'closing',
    what: 'the peer breaks a rule',
    happen: breakRule,
    to: 'closed',
    writes: [],
    events: () => RESERVED_BITS,
  },
  {
    from: 'closing',
    what: 'fail() is called',
    happen: failByOwner,
    to: 'closed',
    writes: [],
    events: () => RESERVED_BITS,
  },
  {
    from: 'closing',
    what: 'the stream of the peer ends',
    happen: endStream,
    to: 'closed',
    writes: [],
    events: () => CUT_OFF,
  },
];

describe.each(ROLES)('RFC 6455 §7, the states of a %s', (role) => {
  it.each(rows)('from $from to $to when $what', ({ from, happen, to, writes, events }) => {
    const endpoint = new Endpoint(role);
    if (from === 'closing') endpoint.protocol.close(1000);
    const before = framesOf(endpoint).length;
    expect(endpoint.protocol).toMatchObject({ state: from, closeExpected: from !== 'open' });
    happen(endpoint, role);
    expect(endpoint.protocol).toMatchObject({ state: to, closeExpected: true });
    expect(framesOf(endpoint).slice(before)).toEqual(writes);
    expect(endpoint.events).toEqual(events(role));
  });

  it('in closing drops messages and still answers pings', () => {
    const endpoint = new Endpoint(role);
    endpoint.protocol.close();
    endpoint.receive(toEndpoint(role, TEXT_A));
    endpoint.receive(toEndpoint(role, { opcode: 9, payload: fromHex('01') }));
    endpoint.protocol.answerPing();
    expect(endpoint.events).toEqual([{ ping: '01' }]);
    expect(framesOf(endpoint)).toEqual(['8', '10 01']);
  });

  it('in closing refuses to send, and does not close twice', () => {
    const { protocol } = new Endpoint(role);
    protocol.close(1000);
    protocol.takeOutput();
    for (const send of [
      () => protocol.send('x'),
      () => protocol.sendFragment('x', false),
      () => protocol.ping(),
      () => protocol.pong(),
    ]) {
      expect(send).toThrow(usage('WS_SEND_AFTER_CLOSE'));
    }
    protocol.close(1001);
    expect(protocol.outputBytes).toBe(0);
  });

  it('in closed sends nothing, and does not blame the caller for what the peer did', () => {
    const endpoint = new Endpoint(role).receive(toEndpoint(role, CLOSE_1001));
    const { protocol } = endpoint;
    expect(framesOf(endpoint)).toHaveLength(1);
    protocol.send('x');
    protocol.sendFragment('x', false);
    protocol.send('x');
    protocol.ping();
    protocol.pong();
    protocol.answerPing();
    protocol.close(1000);
    protocol.fail(new ProtocolError('WS_SLOW_CONSUMER'));
    protocol.receiveEnd();
    expect(protocol.outputBytes).toBe(0);
    expect(endpoint.events).toEqual(closeEvents(role));
  });

  it('in closed holds nothing of what had begun', () => {
    const endpoint = new Endpoint(role);
    const { protocol } = endpoint;
    endpoint.receive(toEndpoint(role, { ...TEXT_A, fin: false }));
    endpoint.receive(toEndpoint(role, { opcode: 9, payload: fromHex('01') }));
    endpoint.receive(toEndpoint(role, { opcode: 10, payload: fromHex('02 03') }).slice(0, -1));
    expect(protocol).toMatchObject({ retainedBytes: 1 + 1 + 2 + 3 * 128, withinFrame: true });
    protocol.fail(new ProtocolError('WS_SLOW_CONSUMER'));
    expect(protocol).toMatchObject({ retainedBytes: 0, withinFrame: false });
  });

  it('answers a close frame without a code with one without a code', () => {
    const endpoint = new Endpoint(role).receive(toEndpoint(role, { opcode: 8 }));
    expect(endpoint.events[0]).toEqual({ close: 1005, reason: '' });
    expect(framesOf(endpoint)).toEqual(['8']);
  });

  it('sends no close frame for a code that may not be in one', () => {
    const endpoint = new Endpoint(role);
    endpoint.protocol.fail(new ProtocolError('WS_HEARTBEAT_TIMEOUT'));
    expect(endpoint.protocol.outputBytes).toBe(0);
    expect(endpoint.events).toEqual([{ fail: 'WS_HEARTBEAT_TIMEOUT', closeCode: 1006 }, 'end']);
  });
});

describe.each(ROLES)('what a %s sends', (role) => {
  it('is announced once until it is taken', () => {
    const endpoint = new Endpoint(role);
    endpoint.protocol.send('a');
    endpoint.protocol.send(fromHex('01'));
    endpoint.protocol.ping();
    expect(endpoint.outputs).toBe(1);
    expect(framesOf(endpoint)).toEqual(['1 61', '2 01', '9']);
    endpoint.protocol.pong(fromHex('02'));
    expect(endpoint.outputs).toBe(2);
    expect(framesOf(endpoint)).toEqual(['1 61', '2 01', '9', '10 02']);
  });

  it.each(['ping', 'pong'] as const)('is a %s of at most 125 bytes', (name) => {
    const endpoint = new Endpoint(role);
    endpoint.protocol[name](new Uint8Array(125));
    expect(decodeFrames(endpoint.written())[0]?.payload.byteLength).toBe(125);
    expect(() => endpoint.protocol[name](new Uint8Array(126))).toThrow(
      usage('WS_CONTROL_PAYLOAD_TOO_BIG'),
    );
    expect(() => endpoint.protocol[name](new Uint8Array(126))).toThrow('not 126');
  });

  it('is no message that is neither a string nor bytes', () => {
    const { protocol } = new Endpoint(role);
    const message = 7 as unknown as string;
    expect(() => protocol.send(message)).toThrow(usage('WS_UNSUPPORTED_MESSAGE'));
    expect(() => protocol.sendFragment(message, true)).toThrow(usage('WS_UNSUPPORTED_MESSAGE'));
    expect(protocol.outputBytes).toBe(0);
  });

  it('is no message within another', () => {
    const endpoint = new Endpoint(role);
    endpoint.protocol.sendFragment('a', false);
    expect(() => endpoint.protocol.send('b')).toThrow(usage('WS_FRAGMENT_OUT_OF_ORDER'));
    endpoint.protocol.sendFragment('c', true);
    endpoint.protocol.send('d');
    expect(framesOf(endpoint)).toEqual(['1 61', '0 63', '1 64']);
  });

  it('is no close frame that must not be sent, and the connection stays open then', () => {
    const { protocol } = new Endpoint(role);
    expect(() => protocol.close(1005)).toThrow(usage('WS_INVALID_CLOSE_CODE'));
    expect(() => protocol.close(undefined, 'why')).toThrow(usage('WS_INVALID_CLOSE_CODE'));
    expect(() => protocol.close(1000, 'x'.repeat(124))).toThrow(usage('WS_CLOSE_REASON_TOO_LONG'));
    expect([protocol.state, protocol.outputBytes]).toEqual(['open', 0]);
  });
});

describe.each(ROLES)('what a %s receives', (role) => {
  it('is a message in one read, in two, and after a ping in between', () => {
    const frame = toEndpoint(role, { opcode: 2, payload: fromHex('01 02 03') });
    const endpoint = new Endpoint(role).receive(frame);
    endpoint.receive(frame.slice(0, -1)).receive(frame.slice(-1));
    endpoint.receive(toEndpoint(role, { ...TEXT_A, fin: false }));
    endpoint.receive(toEndpoint(role, { opcode: 9 }));
    endpoint.receive(toEndpoint(role, { ...TEXT_A, opcode: 0 }));
    expect(endpoint.events).toEqual([
      { message: { hex: '01 02 03' } },
      { message: { hex: '01 02 03' } },
      { ping: '' },
      { message: 'AA' },
    ]);
  });

  it('is within a frame from its first byte to its last', () => {
    const endpoint = new Endpoint(role);
    const within = [...toEndpoint(role, { ...TEXT_A, fin: false })].map((octet) => {
      endpoint.receive(Uint8Array.of(octet));
      return endpoint.protocol.withinFrame;
    });
    expect(within.slice(0, -1)).toEqual(within.slice(0, -1).fill(true));
    // Between two fragments no frame has begun.
    expect(within.at(-1)).toBe(false);
  });

  it('is counted frame by frame, control frames too', () => {
    const endpoint = new Endpoint(role);
    const { protocol } = endpoint;
    endpoint.receive(toEndpoint(role, { ...TEXT_A, fin: false }));
    endpoint.receive(toEndpoint(role, { opcode: 10 }));
    endpoint.receive(toEndpoint(role, { ...TEXT_A, opcode: 0 }).slice(0, -1));
    expect(protocol.framesReceived).toBe(2);
    endpoint.receive(toEndpoint(role, { ...TEXT_A, opcode: 0 }).slice(-1));
    expect(protocol.framesReceived).toBe(3);
  });

  it('is counted while it is held', () => {
    const endpoint = new Endpoint(role);
    const ping = toEndpoint(role, { opcode: 9, payload: new Uint8Array(10) });
    endpoint.receive(ping.slice(0, -1));
    expect(endpoint.protocol.retainedBytes).toBe(10 + 128);
    endpoint.receive(ping.slice(-1));
    expect(endpoint.protocol.retainedBytes).toBe(10 + 128);
    endpoint.protocol.answerPing();
    expect(endpoint.protocol.retainedBytes).toBe(0);
  });
});

describe.each(ROLES)('reading that is suspended, of a %s', (role) => {
  const frames = [TEXT_A, { opcode: 9, payload: fromHex('01') }, TEXT_A];
  const stream = joinBytes(frames.map((frame) => toEndpoint(role, frame)));

  it('by pause stops within a read, and goes on by resume', () => {
    const endpoint: Endpoint = new Endpoint(
      role,
      {},
      { messagePiece: () => endpoint.protocol.pause() },
    );
    endpoint.protocol.streaming = true;
    endpoint.receive(stream);
    const first = [{ start: 'text' }, { piece: '41' }, { ended: 'message' }];
    expect(endpoint.events).toEqual(first);
    expect(endpoint.protocol.suspended).toBe(true);
    expect(endpoint.protocol.retainedBytes).toBeGreaterThan(128);
    endpoint.protocol.resume();
    expect(endpoint.events).toEqual([...first, { ping: '01' }, ...first]);
    endpoint.protocol.resume();
    expect(endpoint.protocol.suspended).toBe(false);
  });

  it('by pause at the beginning of a message has nothing of it reported', () => {
    const endpoint: Endpoint = new Endpoint(
      role,
      {},
      { messageStart: () => endpoint.protocol.pause() },
    );
    endpoint.protocol.streaming = true;
    endpoint.receive(toEndpoint(role, TEXT_A));
    expect(endpoint.events).toEqual([{ start: 'text' }]);
    endpoint.protocol.resume();
    expect(endpoint.events.slice(1)).toEqual([{ piece: '41' }, { ended: 'message' }]);
  });

  it('by pause at the beginning of a message lets that be put together after all', () => {
    const endpoint: Endpoint = new Endpoint(
      role,
      {},
      { messageStart: () => endpoint.protocol.pause() },
    );
    endpoint.protocol.streaming = true;
    endpoint.receive(toEndpoint(role, TEXT_A));
    endpoint.protocol.streaming = false;
    endpoint.protocol.putTogether();
    endpoint.protocol.resume();
    expect(endpoint.events).toEqual([{ start: 'text' }, { message: 'A' }]);
  });

  it('by an inflater goes on where that stopped, and the ping behind it is not seen before', () => {
    const inflater = new ScriptedInflater({ factor: 6, readyPulls: 1 });
    const endpoint = new Endpoint(role, { extensions: rsv1, inflater });
    const compressed = { opcode: 1, rsv: 4, payload: fromHex('61') };
    endpoint.receive(joinBytes([toEndpoint(role, compressed), stream]));
    expect(endpoint.events).toEqual([]);
    endpoint.protocol.resume();
    expect(endpoint.protocol.suspended).toBe(true);
    inflater.readyPulls = 9;
    endpoint.protocol.resume();
    expect(endpoint.events).toEqual([
      { message: 'aaaaaa' },
      { message: 'A' },
      { ping: '01' },
      { message: 'A' },
    ]);
  });

  it('fails as any other, and nothing that waited is read', () => {
    const inflater = new ScriptedInflater({ pieceBytes: 1, readyPulls: 0 });
    const endpoint = new Endpoint(role, { extensions: rsv1, inflater });
    const compressed = { opcode: 1, rsv: 4, payload: fromHex('61 ff') };
    endpoint.receive(joinBytes([toEndpoint(role, compressed), stream]));
    inflater.readyPulls = 9;
    endpoint.protocol.resume();
    expect(endpoint.events).toEqual([{ fail: 'WS_DEFLATE_INVALID', closeCode: 1007 }, 'end']);
    expect(inflater.closed).toBe(true);
    expect(endpoint.protocol.suspended).toBe(false);
    expect(endpoint.protocol.retainedBytes).toBe(0);
  });

  it('reads on to the close frame once we have closed, and reports no messages', () => {
    const endpoint = new Endpoint(role);
    endpoint.protocol.streaming = true;
    endpoint.protocol.pause();
    endpoint.receive(joinBytes([stream, toEndpoint(role, CLOSE_1001)]));
    expect(endpoint.events).toEqual([]);
    endpoint.protocol.close(1000);
    // What follows must not be received before the rest.
    expect(endpoint.protocol.suspended).toBe(true);
    endpoint.protocol.resume();
    expect(endpoint.events.slice(0, 2)).toEqual([{ ping: '01' }, { close: 1001, reason: 'bye' }]);
    expect(endpoint.protocol.suspended).toBe(false);
  });

  it('does not stop any more once we have closed', () => {
    const endpoint = new Endpoint(role);
    endpoint.protocol.close(1000);
    endpoint.protocol.pause();
    expect(endpoint.protocol.suspended).toBe(false);
  });
});

describe('messages in other forms', () => {
  it('are sent as they are, compressed or framed', () => {
    const endpoint = new Endpoint('server');
    endpoint.protocol.sendDeflated(fromHex('f2 48 cd c9 c9 07 00'), true);
    endpoint.protocol.sendFrame(fromHex('82 01 07'));
    endpoint.protocol.sendFragment(fromHex('02'), true, { text: false, compressed: true });
    expect(endpoint.writtenHex()).toBe('c1 07 f2 48 cd c9 c9 07 00 82 01 07 c2 01 02');
  });

  it('are not sent once the connection has ended, nor after our own close', () => {
    const ended = new Endpoint('server');
    ended.protocol.receiveEnd();
    ended.protocol.sendDeflated(fromHex('00'), true);
    ended.protocol.sendFrame(fromHex('82 01 07'));
    expect(ended.writtenHex()).toBe('');
    const closed = new Endpoint('server');
    closed.protocol.close(1000);
    for (const send of [
      () => closed.protocol.sendDeflated(fromHex('00'), true),
      () => closed.protocol.sendFrame(fromHex('81 00')),
    ]) {
      expect(send).toThrow(usage('WS_SEND_AFTER_CLOSE'));
    }
  });
});

describe('the options of a protocol', () => {
  function create(options: ProtocolOptions): Protocol {
    return new Protocol(options, {
      message: () => undefined,
      ping: () => undefined,
      pong: () => undefined,
      close: () => undefined,
      fail: () => undefined,
      output: () => undefined,
      end: () => undefined,
    });
  }

  it.each<ProtocolOptions>([
    { role: 'server', limits: { maxMessageBytes: 0 } },
    { role: 'server', limits: { maxFragments: 1.5 } },
    { role: 'server', nextMaskingKey: () => 1 },
    { role: 'client' },
  ])('are refused at once if they are wrong: %o', (options) => {
    expect(() => create(options)).toThrow(UsageError);
    expect(() => create(options)).toThrow(usage('WS_INVALID_OPTION'));
  });

  it('let extensions define reserved bits', () => {
    const extensions = [
      { name: 'one', rsv: 2 },
      { name: 'two', rsv: 1 },
    ] as unknown as NonNullable<ProtocolOptions['extensions']>;
    expect(new Endpoint('client', { extensions }).receive('b1 00').error).toBeUndefined();
    expect(new Endpoint('client', { extensions }).receive('c1 00').error?.code).toBe(
      'WS_RESERVED_BITS',
    );
  });

  it('give it primitives and a slab, which it uses', () => {
    const used = new Set<string>();
    const primitives = Object.fromEntries(
      Object.entries(purePrimitives).map(([name, primitive]) => [
        name,
        (...values: unknown[]) => {
          used.add(name);
          return (primitive as (...values: unknown[]) => unknown)(...values);
        },
      ]),
    ) as unknown as Primitives;
    const slab = new Slab(primitives);
    const server = new Endpoint('server', { primitives, slab });
    server.receive('81 80 00 00 00 00 01 81 00 00 00 01 40');
    server.receive(toEndpoint('server', { opcode: 0, payload: new Uint8Array(40).fill(0x41) }));
    server.protocol.receive(toEndpoint('server', { opcode: 2, payload: Uint8Array.of(1) }), true);
    server.protocol.send('x');
    expect([...used].sort()).toEqual(Object.keys(purePrimitives).sort());
    expect(slab.used).toBe(3);
    const [output] = server.protocol.takeOutput();
    server.protocol.giveBack(output ?? new Uint8Array());
    expect(slab.used).toBe(0);
  });
});

describe('an error that is not about the peer', () => {
  it('thrown by a sink is not swallowed', () => {
    const endpoint = new Endpoint(
      'client',
      {},
      {
        message: () => {
          throw new TypeError('a bug of the sink');
        },
      },
    );
    expect(() => endpoint.receive('81 00')).toThrow('a bug of the sink');
  });
});
