import { describe, expect, it } from 'vitest';
import { Endpoint } from './endpoint.ts';
import { fromHex, joinBytes, toHex } from './hex.ts';

const BYTES_256 = Uint8Array.from({ length: 256 }, (_, index) => index);
const BYTES_64_KIB = Uint8Array.from({ length: 65_536 }, (_, index) => index * 3);

/** What a server sends in each example of §5.7, and what a client makes of it. */
const FROM_SERVER = [
  ['a single-frame unmasked text message', '81 05 48 65 6c 6c 6f', [{ message: 'Hello' }]],
  ['a fragmented unmasked text message', '01 03 48 65 6c 80 02 6c 6f', [{ message: 'Hello' }]],
  ['an unmasked ping', '89 05 48 65 6c 6c 6f', [{ ping: '48 65 6c 6c 6f' }]],
  ['an unmasked pong', '8a 05 48 65 6c 6c 6f', [{ pong: '48 65 6c 6c 6f' }]],
] as const;

/** What a client sends. */
const FROM_CLIENT = [
  [
    'a single-frame masked text message',
    '81 85 37 fa 21 3d 7f 9f 4d 51 58',
    [{ message: 'Hello' }],
  ],
  ['a masked pong', '8a 85 37 fa 21 3d 7f 9f 4d 51 58', [{ pong: '48 65 6c 6c 6f' }]],
] as const;

describe('RFC 6455 §5.7, examples, decoded', () => {
  it.each(FROM_SERVER)('a client reads %s', (_, hex, events) => {
    expect(new Endpoint('client').receive(hex).events).toEqual(events);
  });

  it.each(FROM_CLIENT)('a server reads %s', (_, hex, events) => {
    expect(new Endpoint('server').receive(hex).events).toEqual(events);
  });

  it('a client reads 256 bytes of binary message in a single unmasked frame', () => {
    const { events } = new Endpoint('client').receive(
      joinBytes([fromHex('82 7e 01 00'), BYTES_256]),
    );
    expect(events).toEqual([{ message: { hex: toHex(BYTES_256) } }]);
  });

  it('a client reads 64 KiB of binary message in a single unmasked frame', () => {
    const header = fromHex('82 7f 00 00 00 00 00 01 00 00');
    const { events } = new Endpoint('client').receive(joinBytes([header, BYTES_64_KIB]));
    expect(events).toEqual([{ message: { hex: toHex(BYTES_64_KIB) } }]);
  });
});

describe('RFC 6455 §5.7, examples, encoded', () => {
  it('a server writes a single-frame unmasked text message', () => {
    const server = new Endpoint('server');
    server.protocol.send('Hello');
    expect(server.writtenHex()).toBe('81 05 48 65 6c 6c 6f');
  });

  it('a client writes a single-frame masked text message', () => {
    const client = new Endpoint('client');
    client.protocol.send('Hello');
    expect(client.writtenHex()).toBe('81 85 37 fa 21 3d 7f 9f 4d 51 58');
  });

  it('a server writes a fragmented unmasked text message', () => {
    const server = new Endpoint('server');
    server.protocol.sendFragment('Hel', false);
    server.protocol.sendFragment('lo', true);
    expect(server.writtenHex()).toBe('01 03 48 65 6c 80 02 6c 6f');
  });

  it('a server writes an unmasked ping, and a client answers it with a masked pong', () => {
    const server = new Endpoint('server');
    const client = new Endpoint('client');
    server.protocol.ping(fromHex('48 65 6c 6c 6f'));
    expect(server.writtenHex()).toBe('89 05 48 65 6c 6c 6f');
    client.receive(server.written());
    client.protocol.answerPing();
    expect(client.writtenHex()).toBe('8a 85 37 fa 21 3d 7f 9f 4d 51 58');
  });

  it.each([
    ['256 bytes', BYTES_256, '82 7e 01 00'],
    ['64 KiB', BYTES_64_KIB, '82 7f 00 00 00 00 00 01 00 00'],
  ])('a server writes %s of binary message in a single unmasked frame', (_, payload, header) => {
    const server = new Endpoint('server');
    server.protocol.send(payload);
    expect(server.written()).toEqual(joinBytes([fromHex(header), payload]));
  });
});
