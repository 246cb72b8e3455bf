import { describe, expect, it } from 'vitest';
import { Endpoint, ROLES, type Role, toEndpoint } from './endpoint.ts';
import { fromHex, joinBytes, toHex } from './hex.ts';
import { decodeFrames } from './reference-decoder.ts';

function ping(role: Role, hex: string): Uint8Array {
  return toEndpoint(role, { opcode: 9, payload: fromHex(hex) });
}

function pongs(endpoint: Endpoint): string[] {
  const frames = decodeFrames(endpoint.written());
  return frames.filter(({ opcode }) => opcode === 10).map(({ payload }) => toHex(payload));
}

describe.each(ROLES)('RFC 6455 §5.5.2 and §5.5.3, ping and pong, for a %s', (role) => {
  it('a ping is answered with its own payload', () => {
    const endpoint = new Endpoint(role).receive(ping(role, '01 02 03'));
    endpoint.protocol.answerPing();
    expect(endpoint.events).toEqual([{ ping: '01 02 03' }]);
    expect(pongs(endpoint)).toEqual(['01 02 03']);
  });

  it('a ping of 125 bytes and one of none are answered', () => {
    const endpoint = new Endpoint(role);
    for (const payload of [new Uint8Array(125).fill(9), new Uint8Array(0)]) {
      endpoint.receive(toEndpoint(role, { opcode: 9, payload }));
      endpoint.protocol.answerPing();
    }
    expect(pongs(endpoint)).toEqual([toHex(new Uint8Array(125).fill(9)), '']);
  });

  it('only the last of many pings is answered, and only once', () => {
    const endpoint = new Endpoint(role);
    endpoint.receive(joinBytes([ping(role, '01'), ping(role, '02'), ping(role, '03')]));
    endpoint.protocol.answerPing();
    endpoint.protocol.answerPing();
    expect(pongs(endpoint)).toEqual(['03']);
  });

  it('10,000 pings that wait hold no more than one', () => {
    const endpoint = new Endpoint(role);
    for (let count = 0; count < 10_000; count++) endpoint.receive(ping(role, '01 02'));
    expect(endpoint.protocol.retainedBytes).toBe(2 + 128);
    expect(endpoint.protocol.outputBytes).toBe(0);
  });

  it('no ping is answered once a close frame came', () => {
    const close = toEndpoint(role, { opcode: 8 });
    const endpoint = new Endpoint(role).receive(joinBytes([ping(role, '01'), close]));
    endpoint.protocol.answerPing();
    expect(pongs(endpoint)).toEqual([]);
    expect(endpoint.protocol.retainedBytes).toBe(0);
  });

  it('a pong that nobody asked for is reported and not answered', () => {
    const endpoint = new Endpoint(role).receive(
      toEndpoint(role, { opcode: 10, payload: fromHex('07') }),
    );
    endpoint.protocol.answerPing();
    expect(endpoint.events).toEqual([{ pong: '07' }]);
    expect(endpoint.protocol.outputBytes).toBe(0);
  });

  it('a payload that comes in pieces does not refer to the reads', () => {
    const endpoint = new Endpoint(role);
    const read = ping(role, '01 02 03');
    const first = read.slice(0, -1);
    endpoint.protocol.receive(first);
    first.fill(0);
    endpoint.receive(read.slice(-1));
    endpoint.protocol.answerPing();
    expect(pongs(endpoint)).toEqual(['01 02 03']);
  });

  it('a payload does not pin the read that it came in', () => {
    const seen: Uint8Array[] = [];
    const note = (payload: Uint8Array): void => void seen.push(payload);
    const endpoint = new Endpoint(role, {}, { ping: note, pong: note });
    const pong = toEndpoint(role, { opcode: 10, payload: fromHex('03') });
    endpoint.receive(joinBytes([ping(role, '01 02'), pong, new Uint8Array(0)]));
    expect(seen.map(({ buffer }) => buffer.byteLength)).toEqual([2, 1]);
  });
});

describe.each(ROLES)('RFC 6455 §5.5.1, the close frame, read by a %s', (role) => {
  function close(hex: string): Endpoint {
    return new Endpoint(role).receive(toEndpoint(role, { opcode: 8, payload: fromHex(hex) }));
  }

  it.each([
    ['nothing', '', { close: 1005, reason: '' }],
    ['a code', '03 e8', { close: 1000, reason: '' }],
    ['a code and a reason', '03 f3 6e c3 a9', { close: 1011, reason: 'né' }],
    ['a code of an application', '13 87', { close: 4999, reason: '' }],
    ['a byte order mark', '03 e8 ef bb bf', { close: 1000, reason: '\ufeff' }],
  ])('may carry %s', (_, hex, event) => {
    expect(close(hex).events[0]).toEqual(event);
  });

  it('may carry 123 bytes of reason', () => {
    const reason = 'x'.repeat(123);
    const endpoint = close(`03 e8 ${toHex(new TextEncoder().encode(reason))}`);
    expect(endpoint.events[0]).toEqual({ close: 1000, reason });
  });

  it('is answered once, with the code alone', () => {
    expect(decodeFrames(close('03 e9 62 79 65').written())).toMatchObject([
      { fin: true, rsv: 0, opcode: 8, payload: fromHex('03 e9') },
    ]);
  });

  it('is not answered where it is the answer to ours', () => {
    const endpoint = new Endpoint(role);
    endpoint.protocol.close(1000);
    const ours = endpoint.writtenHex();
    endpoint.receive(toEndpoint(role, { opcode: 8, payload: fromHex('03 e8') }));
    expect(endpoint.writtenHex()).toBe(ours);
    expect(endpoint.events[0]).toEqual({ close: 1000, reason: '' });
  });

  it('that crosses ours on the way ends the connection for both', () => {
    const other: Role = role === 'client' ? 'server' : 'client';
    const [one, two] = [new Endpoint(role), new Endpoint(other)];
    one.protocol.close(1000, 'mine');
    two.protocol.close(1001, 'yours');
    one.receive(two.written());
    two.receive(one.written());
    expect(one.events[0]).toEqual({ close: 1001, reason: 'yours' });
    expect(two.events[0]).toEqual({ close: 1000, reason: 'mine' });
    expect([one.protocol.state, two.protocol.state]).toEqual(['closed', 'closed']);
  });
});
