import { describe, expect, it } from 'vitest';
import { Endpoint, ROLES, toEndpoint } from './endpoint.ts';
import { fromHex, joinBytes } from './hex.ts';
import { decodeFrames } from './reference-decoder.ts';

describe.each(ROLES)('RFC 6455 §5.4, fragmentation, read by a %s', (role) => {
  function endpoint(...frames: readonly Parameters<typeof toEndpoint>[1][]): Endpoint {
    return new Endpoint(role).receive(joinBytes(frames.map((frame) => toEndpoint(role, frame))));
  }

  it('puts a message of three fragments together', () => {
    const { events } = endpoint(
      { fin: false, opcode: 1, payload: fromHex('48 65') },
      { fin: false, opcode: 0, payload: fromHex('6c 6c') },
      { opcode: 0, payload: fromHex('6f') },
    );
    expect(events).toEqual([{ message: 'Hello' }]);
  });

  it('takes an empty message in one frame, and in empty fragments', () => {
    const { events } = endpoint(
      { opcode: 1 },
      { opcode: 2 },
      { fin: false, opcode: 1 },
      { fin: false, opcode: 0 },
      { opcode: 0 },
      { fin: false, opcode: 2 },
      { opcode: 0 },
    );
    expect(events).toEqual([
      { message: '' },
      { message: { hex: '' } },
      { message: '' },
      { message: { hex: '' } },
    ]);
  });

  it('lets a ping come between two fragments, and reports it first', () => {
    const { events } = endpoint(
      { fin: false, opcode: 1, payload: fromHex('41') },
      { opcode: 9, payload: fromHex('01') },
      { opcode: 0, payload: fromHex('42') },
    );
    expect(events).toEqual([{ ping: '01' }, { message: 'AB' }]);
  });

  it('lets a close frame come between two fragments, and forgets the message', () => {
    const { events, protocol } = endpoint(
      { fin: false, opcode: 1, payload: fromHex('41') },
      { opcode: 8, payload: fromHex('03 e8') },
      { opcode: 0, payload: fromHex('42') },
    );
    expect(events[0]).toEqual({ close: 1000, reason: '' });
    expect(events).not.toContainEqual({ message: 'AB' });
    expect(protocol.retainedBytes).toBe(0);
  });

  it('takes the type of a message from its first fragment', () => {
    const { events } = endpoint(
      { fin: false, opcode: 2, payload: fromHex('ff') },
      { opcode: 0, payload: fromHex('41') },
    );
    expect(events).toEqual([{ message: { hex: 'ff 41' } }]);
  });

  it('lets a character be cut by fragments (§5.6)', () => {
    const { events } = endpoint(
      { fin: false, opcode: 1, payload: fromHex('f0 9f') },
      { opcode: 9 },
      { fin: false, opcode: 0 },
      { fin: false, opcode: 0, payload: fromHex('98') },
      { opcode: 0, payload: fromHex('80') },
    );
    expect(events).toEqual([{ ping: '' }, { message: '😀' }]);
  });

  it('puts 10,000 fragments of one byte together', () => {
    const payload = Uint8Array.from({ length: 10_000 }, (_, index) => 0x61 + (index % 26));
    const frames = [...payload].map((octet, index) => ({
      fin: index === 9999,
      opcode: index === 0 ? 1 : 0,
      payload: Uint8Array.of(octet),
    }));
    expect(endpoint(...frames).events).toEqual([{ message: new TextDecoder().decode(payload) }]);
  });
});

describe.each(ROLES)('RFC 6455 §5.4, fragmentation, written by a %s', (role) => {
  it('has the opcode in the first frame and FIN in the last', () => {
    const endpoint = new Endpoint(role);
    endpoint.protocol.sendFragment(fromHex('01'), false);
    endpoint.protocol.sendFragment(fromHex('02'), false);
    endpoint.protocol.sendFragment(fromHex('03'), true);
    endpoint.protocol.sendFragment('only', true);
    expect(decodeFrames(endpoint.written())).toMatchObject([
      { fin: false, opcode: 2, payload: fromHex('01') },
      { fin: false, opcode: 0, payload: fromHex('02') },
      { fin: true, opcode: 0, payload: fromHex('03') },
      { fin: true, opcode: 1 },
    ]);
  });

  it('lets pings, pongs and the close frame be sent between fragments', () => {
    const endpoint = new Endpoint(role).receive(toEndpoint(role, { opcode: 9 }));
    endpoint.protocol.sendFragment('a', false);
    endpoint.protocol.ping();
    endpoint.protocol.answerPing();
    endpoint.protocol.close(1000);
    expect(decodeFrames(endpoint.written()).map(({ opcode }) => opcode)).toEqual([1, 9, 10, 8]);
  });

  it('goes on in bytes where a text began as a string', () => {
    const endpoint = new Endpoint(role);
    const peer = new Endpoint(role === 'client' ? 'server' : 'client');
    endpoint.protocol.sendFragment('', false);
    endpoint.protocol.sendFragment(fromHex('f0 9f'), false);
    endpoint.protocol.sendFragment(fromHex('98 80'), true);
    expect(peer.receive(endpoint.written()).events).toEqual([{ message: '😀' }]);
  });

  it('does not get in the way when the peer has ended the connection in the middle', () => {
    const endpoint = new Endpoint(role);
    endpoint.protocol.sendFragment('a', false);
    endpoint.receive(toEndpoint(role, { opcode: 8 }));
    const written = endpoint.writtenHex();
    endpoint.protocol.send('dropped, and not WS_FRAGMENT_OUT_OF_ORDER');
    endpoint.protocol.sendFragment('dropped', true);
    expect(endpoint.writtenHex()).toBe(written);
  });

  it('says after our own close that nothing can be sent, also in the middle', () => {
    const { protocol } = new Endpoint(role);
    protocol.sendFragment('a', false);
    protocol.close(1000);
    for (const send of [() => protocol.send('x'), () => protocol.sendFragment('x', true)]) {
      expect(send).toThrow(expect.objectContaining({ code: 'WS_SEND_AFTER_CLOSE' }));
    }
  });
});
