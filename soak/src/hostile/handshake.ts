import {
  acceptFor,
  type HandshakeDescription,
  type ScriptedPeer,
  textBytes,
} from '@heddle/testing';
import type { Attack } from './attack.ts';
import { expectClose, expectEnd, expectService } from './outcome.ts';
import { keys, lists, prototypeNames, wrongRequests } from './requests.ts';
import { assertAccepted, assertStatus, defineAttack, type Scene } from './scene.ts';

/** A server accepts at once, or has a router between: both read the handshake. */
const paths = ['/echo', '/routed-echo'];

const HEADER_COUNT = 10_000;
const ENDLESS_BYTES = 2 ** 20;

/** What is no frame that a client may send, however it begins. */
const garbage = [
  textBytes('GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  textBytes('\r\n\r\n\r\n'),
  // A TLS ClientHello, the preface of HTTP/2, and a frame of before RFC 6455.
  Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03),
  textBytes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  textBytes('\0hello\xff'),
  new Uint8Array(4096).fill(0xff),
];

/** Attacks on the opening handshake. */
export const handshakeAttacks: readonly Attack[] = [
  defineAttack('slow headers', async (scene) => {
    const peer = await scene.connect();
    const bytes = textBytes(`GET /echo HTTP/1.1\r\nHost: localhost\r\nX-Slow: ${'x'.repeat(500)}`);
    await drip(scene, peer, bytes);
    await expectEndAnsweredBy(peer, 408);
  }),

  defineAttack('endless headers', async (scene) => {
    const peer = await scene.connect();
    peer.sends(textBytes('GET /echo HTTP/1.1\r\nHost: localhost\r\n'));
    const line = textBytes(`X-Endless: ${'x'.repeat(1_000)}\r\n`);
    for (let sent = 0; sent < ENDLESS_BYTES && !peer.ended; sent += line.byteLength) {
      await peer.dribble(line, [line.byteLength]);
    }
    // Where the machine is slow, it may be too slow before it is too much.
    await expectEndAnsweredBy(peer, 431, 408);
  }),

  defineAttack('10,000 headers', async (scene) => {
    const many = Array.from({ length: HEADER_COUNT }, (_, index) => [`h${index}`, '']);
    await expectAccepted(scene, { headers: Object.fromEntries(many) });
    const upgrade = ['Upgrade', ...new Array<string>(HEADER_COUNT / 2).fill('x')];
    await expectAccepted(scene, { headers: { Connection: upgrade } });
    const key = new Array<string>(1_000).fill('dGhlIHNhbXBsZSBub25jZQ==');
    await expectRefused(scene, { headers: { 'Sec-WebSocket-Key': key } }, 400);
  }),

  defineAttack('pipelined garbage', async (scene) => {
    for (const path of paths) {
      await scene.forEach(
        garbage,
        async (peer, followedBy) => {
          assertAccepted(await peer.handshake({ path, followedBy }));
          await expectClose(peer, 1002);
        },
        () => scene.connect(),
      );
    }
    await scene.forEach(
      garbage.slice(2),
      async (peer, bytes) => {
        peer.sends(bytes);
        assertStatus(await peer.receivesResponse(), 400);
        await expectEnd(peer);
      },
      () => scene.connect(),
    );
  }),

  defineAttack('wrong everything', async (scene) => {
    for (const { status, ...request } of wrongRequests) await expectRefused(scene, request, status);
  }),

  defineAttack('prototype-named parameters', async (scene) => {
    for (const headers of prototypeNames) await expectAccepted(scene, { headers });
    const unknown = ['/__proto__', '/constructor', '/toString', '/hasOwnProperty'];
    await scene.forEach(
      unknown,
      async (peer, path) => assertStatus(await peer.handshake({ path }), 404),
      () => scene.connect(),
    );
  }),

  defineAttack('quadratic-looking lists', async (scene) => {
    for (const { status, ...request } of lists) {
      if (status === 101) await expectAccepted(scene, request);
      else await expectRefused(scene, request, status);
    }
  }),

  defineAttack('keys of every kind', async (scene) => {
    for (const key of keys.wrong) {
      await expectRefused(scene, { headers: { 'Sec-WebSocket-Key': key } }, 400);
    }
    for (const key of keys.right) {
      const peer = await scene.connect();
      const response = await peer.handshake({
        path: '/echo',
        headers: { 'Sec-WebSocket-Key': key },
      });
      assertStatus(response, 101);
      const accept = response.header('Sec-WebSocket-Accept');
      if (accept !== acceptFor(key)) throw new Error(`The answer to ${key} is ${accept}`);
      await expectService(peer);
    }
  }),
];

/** Sends a byte now and then, until the server has had enough. */
async function drip(scene: Scene, peer: ScriptedPeer, bytes: Uint8Array): Promise<void> {
  for (const byte of bytes) {
    if (peer.ended || peer.pending.byteLength > 0) return;
    peer.sends(Uint8Array.of(byte));
    await scene.sleep(20);
  }
}

/** Node closes with bytes unread, so that its answer may be lost. */
async function expectEndAnsweredBy(peer: ScriptedPeer, ...statuses: number[]): Promise<void> {
  const response = await peer.receivesResponse().catch((error: unknown) => {
    if (peer.error === undefined) throw error;
  });
  // A reset is an end, too.
  if (response === undefined) return;
  assertStatus(response, ...statuses);
  await expectEnd(peer);
}

async function expectAccepted(scene: Scene, request: HandshakeDescription): Promise<void> {
  for (const path of paths) {
    const peer = await scene.connect();
    const response = await peer.handshake({ path, ...request });
    assertAccepted(response);
    const chosen = response.header('Sec-WebSocket-Protocol');
    const extensions = response.header('Sec-WebSocket-Extensions');
    if (chosen !== undefined || extensions !== undefined) {
      throw new Error(`The server chose ${chosen} and ${extensions}, which it does not have`);
    }
    await expectService(peer);
    scene.dismiss(peer);
  }
}

async function expectRefused(
  scene: Scene,
  request: HandshakeDescription,
  status: number,
): Promise<void> {
  for (const path of paths) {
    const peer = await scene.connect();
    assertStatus(await peer.handshake({ path, ...request }), status);
    scene.dismiss(peer);
  }
}
