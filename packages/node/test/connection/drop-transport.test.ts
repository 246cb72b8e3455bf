import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { Duplex } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { dropTransport } from '../../src/connection/drop-transport.ts';
import { StreamServer } from '../stream-server.ts';

it('destroys any stream', () => {
  const stream = new Duplex({ read() {}, write() {} });
  dropTransport(stream);
  expect(stream.destroyed).toBe(true);
});

it.each(['client', 'server'])('resets a stream of HTTP/2 with CANCEL: of a %s', async (role) => {
  const server = await StreamServer.start((stream) => {
    stream.respond();
    stream.resume();
  });
  const session = connect(server.url.replace('ws', 'http'));
  onTestFinished(() => session.destroy());
  await once(session, 'remoteSettings');
  const fields = { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/' };
  const near = session.request(fields, { endStream: false }).resume();
  await once(near, 'response');
  const [far] = server.streams;
  if (far === undefined) throw new Error('no stream');
  const [dropped, other] = role === 'client' ? [near, far] : [far, near];
  dropped.write('what is on its way');
  dropTransport(dropped);
  expect(dropped.destroyed).toBe(true);
  await once(other, 'close');
  expect(other.rstCode).toBe(constants.NGHTTP2_CANCEL);
  expect(session.destroyed).toBe(false);
});
