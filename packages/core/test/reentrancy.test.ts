import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../src/errors.ts';
import type { Protocol } from '../src/protocol.ts';
import type { ProtocolSink } from '../src/protocol-sink.ts';
import { Endpoint, ROLES, type Role, toEndpoint } from './endpoint.ts';
import { fromHex, joinBytes } from './hex.ts';
import { decodeFrames } from './reference-decoder.ts';

/*
 * What a sink may do while it is being told something: everything but throw and `receive`. Each test
 * asks of what was written that the other side can read it without finding a rule broken.
 */

/** An endpoint whose sink calls `act` when it is told `name`. */
function acting(
  role: Role,
  name: keyof ProtocolSink,
  act: (protocol: Protocol, times: number) => void,
): Endpoint {
  let times = 0;
  const endpoint: Endpoint = new Endpoint(
    role,
    {},
    { [name]: () => act(endpoint.protocol, ++times) },
  );
  return endpoint;
}

function opcodes(endpoint: Endpoint): number[] {
  return decodeFrames(endpoint.written()).map(({ opcode }) => opcode);
}

describe.each(ROLES)('within the callbacks of a %s', (role) => {
  const text = toEndpoint(role, { opcode: 1, payload: fromHex('41') });
  const ping = toEndpoint(role, { opcode: 9, payload: fromHex('01') });
  const close = toEndpoint(role, { opcode: 8, payload: fromHex('03 e8') });
  const bad = toEndpoint(role, { opcode: 3 });

  it('a message can be answered at once, in order', () => {
    const endpoint = acting(role, 'message', (protocol, times) => protocol.send(`${times}`));
    endpoint.receive(joinBytes([text, text, text]));
    const payloads = decodeFrames(endpoint.written()).map(({ payload }) => payload);
    expect(new TextDecoder().decode(joinBytes(payloads))).toBe('123');
    expect(endpoint.outputs).toBe(1);
  });

  it('close() drops what else was in the read, but answers the peer’s close', () => {
    const endpoint = acting(role, 'message', (protocol) => protocol.close(1000));
    endpoint.receive(joinBytes([text, text, ping, close, text]));
    expect(endpoint.events.slice(0, 3)).toEqual([
      { message: 'A' },
      { ping: '01' },
      { close: 1000, reason: '' },
    ]);
    expect(opcodes(endpoint)).toEqual([8]);
  });

  it.each(['message', 'ping', 'pong'] as const)(
    'fail() in %s stops the parsing of the read',
    (name) => {
      const opcode = { message: 1, ping: 9, pong: 10 }[name];
      const endpoint = acting(role, name, (protocol) => {
        protocol.fail(new ProtocolError('WS_INVALID_MESSAGE'));
      });
      endpoint.receive(joinBytes([toEndpoint(role, { opcode }), text, ping]));
      expect(endpoint.events.slice(1)).toEqual([
        { fail: 'WS_INVALID_MESSAGE', closeCode: 1008 },
        'end',
      ]);
      expect(opcodes(endpoint)).toEqual([8]);
    },
  );

  it('receiveEnd() stops the parsing of the read', () => {
    const endpoint = acting(role, 'message', (protocol) => protocol.receiveEnd());
    endpoint.receive(joinBytes([text, text]));
    expect(endpoint.events).toHaveLength(3);
    expect(endpoint.protocol.state).toBe('closed');
  });

  it.each([
    ['close', close],
    ['fail', bad],
    ['end', bad],
  ] as const)('%s is too late to send anything', (name, input) => {
    const endpoint = acting(role, name, (protocol) => {
      protocol.send('x');
      protocol.ping();
      protocol.answerPing();
      protocol.close(1001);
      protocol.fail(new ProtocolError('WS_INVALID_MESSAGE'));
      protocol.receiveEnd();
    });
    endpoint.receive(joinBytes([ping, input]));
    expect(opcodes(endpoint)).toEqual([8]);
    expect(endpoint.events).toHaveLength(role === 'client' && name === 'close' ? 2 : 3);
  });

  it.each([
    ['the answer to a close frame', close],
    ['the close frame for a violation', bad],
  ])('output() cannot put anything behind %s', (_, input) => {
    const endpoint = acting(role, 'output', (protocol) => {
      protocol.send('x');
      protocol.ping();
      protocol.close(1001);
      protocol.fail(new ProtocolError('WS_INVALID_MESSAGE'));
    });
    endpoint.receive(input);
    expect(opcodes(endpoint)).toEqual([8]);
    expect(endpoint.protocol.state).toBe('closed');
  });

  it('output() cannot put a message between two fragments of another', () => {
    const endpoint = acting(role, 'output', (protocol, times) => {
      if (times > 1) return;
      expect(() => protocol.send('x')).toThrow(
        expect.objectContaining({ code: 'WS_FRAGMENT_OUT_OF_ORDER' }),
      );
    });
    endpoint.protocol.sendFragment('a', false);
    endpoint.protocol.sendFragment('b', true);
    expect(opcodes(endpoint)).toEqual([1, 0]);
  });

  it('output() can take what there is at once, each time', () => {
    const taken: number[] = [];
    const endpoint = acting(role, 'output', (protocol) => {
      taken.push(joinBytes(protocol.takeOutput()).byteLength);
    });
    endpoint.protocol.send('a');
    endpoint.protocol.send('bc');
    endpoint.receive(close);
    const header = role === 'client' ? 6 : 2;
    expect(taken).toEqual([header + 1, header + 2, header + 2]);
  });

  it('output() can send more, which is announced again only after it was taken', () => {
    const endpoint = acting(role, 'output', (protocol, times) => {
      if (times === 1) protocol.send('b');
    });
    endpoint.protocol.send('a');
    expect(endpoint.outputs).toBe(1);
    expect(opcodes(endpoint)).toEqual([1, 1]);
  });
});
