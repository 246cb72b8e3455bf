import { type ConnectionViolationCode, connectionViolations, ProtocolError } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import { type Connection, dropHeld } from '../../src/connection/connection.ts';
import type { ConnectionOptions } from '../../src/options.ts';
import { binary, frame, opcodesOf, text } from '../frames.ts';
import type { HeldTransport } from '../held-transport.ts';
import { openHeld } from '../open.ts';
import { turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

interface Example {
  readonly options: ConnectionOptions<unknown, unknown>;
  /** Breaks the rule. */
  readonly provoke: (transport: HeldTransport, socket: Connection<unknown, unknown>) => unknown;
}

const schema = { message: () => ({ issues: [{ message: 'no', path: ['room'] }] }) };

/** How each rule is broken. A rule without an example does not compile. */
const examples: Record<ConnectionViolationCode, Example> = {
  WS_HEARTBEAT_TIMEOUT: {
    options: { heartbeat: { intervalMs: 20, timeoutMs: 20 } },
    provoke: () => {},
  },
  WS_FRAME_STALLED: {
    options: { progressTimeoutMs: 20, heartbeat: false },
    provoke: (transport) => transport.delivers(text('begun').subarray(0, 3)),
  },
  WS_CLOSING_TIMEOUT: {
    options: { closingTimeoutMs: 20 },
    provoke: (_, socket) => socket.close(),
  },
  WS_SLOW_CONSUMER: {
    options: { limits: { maxBufferedBytes: 100 } },
    provoke: (transport, socket) => {
      transport.block();
      socket.send('x'.repeat(100));
      socket.send('x');
      transport.unblock();
    },
  },
  WS_RETAINED_TOO_MUCH: {
    options: { limits: { maxRetainedBytes: 1_000 } },
    provoke: (transport) => transport.delivers(text('waits'.repeat(200))),
  },
  WS_SERVER_RETAINED_TOO_MUCH: {
    options: {},
    provoke: (_, socket) => dropHeld(socket, new ProtocolError('WS_SERVER_RETAINED_TOO_MUCH')),
  },
  WS_MESSAGE_RATE: {
    options: { limits: { messagesPerSecond: 2 }, fastProducer: 'close' },
    provoke: (transport) => transport.delivers(Buffer.concat([text('1'), text('2'), text('3')])),
  },
  WS_BYTE_RATE: {
    options: { limits: { bytesPerSecond: 1, maxMessageBytes: 20 }, fastProducer: 'close' },
    provoke: (transport) =>
      transport.delivers(Buffer.concat([text('0123456789'), text('0123456789')])),
  },
  WS_INVALID_MESSAGE: {
    options: { schema },
    provoke: (transport, socket) => {
      socket.on('message', () => {});
      transport.delivers(text('{}'));
    },
  },
  WS_UNSUPPORTED_DATA: {
    options: { schema },
    provoke: (transport, socket) => {
      socket.on('message', () => {});
      transport.delivers(binary(Buffer.from('{}')));
    },
  },
};

const codes = Object.keys(examples) as ConnectionViolationCode[];

describe.each(codes)('%s', (code) => {
  const { closeCode, message } = connectionViolations[code];
  const { options, provoke } = examples[code];

  it(`ends the connection with ${closeCode}, and is in its close information`, async () => {
    const { socket, transport } = openHeld(options);
    await turn();
    void provoke(transport, socket);
    await until(() => socket.state !== 'open', 'the end of the connection');
    await turn();
    const frames = opcodesOf(transport.written);
    if (closeCode === 1006) {
      // Nobody is there to be told: no close frame, or only our own before it.
      expect(frames.filter((opcode) => opcode === 8).length).toBeLessThanOrEqual(1);
    } else {
      expect(frames.at(-1)).toBe(8);
      expect(closeFrame(transport.written)).toBe(closeCode);
    }
    // The peer that was told ends its half; the others are dropped.
    if (closeCode !== 1006) transport.push(null);
    const { error, wasClean } = await socket.closed;
    expect(error).toMatchObject({ name: 'ProtocolError', code, closeCode });
    expect(error?.message).toContain(message);
    expect(wasClean).toBe(false);
  });
});

describe('limits.maxRetainedBytes', () => {
  const limits = { maxRetainedBytes: 4_000, maxMessageBytes: 100_000 };
  const part = (fin: boolean, opcode: number) =>
    frame({ opcode, fin, payload: new Uint8Array(1_500) });

  it('counts the message that is arriving', async () => {
    const { socket, transport } = openHeld({ limits });
    socket.on('message', () => {});
    transport.delivers(part(false, 2));
    await turn();
    expect(socket.state).toBe('open');
    transport.delivers(Buffer.concat([part(false, 0), part(false, 0)]));
    await turn();
    expect(socket.state).toBe('closing');
    transport.push(null);
    expect((await socket.closed).error).toMatchObject({ code: 'WS_RETAINED_TOO_MUCH' });
  });

  it('counts what waits for the application together with it', async () => {
    // In one read: reading stops long before.
    const [fits, tooMuch] = [openHeld({ limits }), openHeld({ limits })];
    const waits = binary(new Uint8Array(2_000));
    fits.transport.delivers(Buffer.concat([waits, part(false, 2)]));
    tooMuch.transport.delivers(Buffer.concat([waits, part(false, 2), part(false, 0)]));
    await turn();
    expect(fits.socket.state).toBe('open');
    expect(tooMuch.socket.state).toBe('closing');
  });

  it('does not count what the application has taken', async () => {
    const { socket, transport } = openHeld({ limits });
    let bytes = 0;
    socket.on('message', (message) => {
      bytes += message.length;
    });
    for (let index = 0; index < 100; index++) transport.delivers(binary(new Uint8Array(2_000)));
    await turn();
    expect(bytes).toBe(200_000);
    expect(socket.state).toBe('open');
  });
});

/** The code in the close frame that ends `bytes`. */
function closeFrame(bytes: Buffer): number {
  return bytes.readUInt16BE(bytes.lastIndexOf(Buffer.from([0x88])) + 2);
}
