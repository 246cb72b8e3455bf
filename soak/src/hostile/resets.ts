import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import {
  concatBytes,
  encodeHandshake,
  type ScriptedPeer,
  textBytes,
  toBytes,
} from '@heddle/testing';
import type { Attack } from './attack.ts';
import { closePayload, expectGone, expectService } from './outcome.ts';
import { DEFLATE_OFFER, defineAttack, type Scene } from './scene.ts';

/** A state that a connection can be in when its peer goes, by what the peer has done. */
type State = (scene: Scene) => Promise<ScriptedPeer>;

const LARGE = 2 ** 18;
const NOISE = randomBytes(LARGE);
/** What inflates to more than the event loop does at once goes to the thread pool. */
const MUCH_DEFLATED = deflateRawSync(randomBytes(2 ** 19 + 2 ** 16));

const states: Readonly<Record<string, State>> = {
  'TCP is open': (scene) => scene.connect(),
  'a request has begun': (scene) => sent(scene, textBytes('GET /echo HTTP/1.1\r\nHo')),
  'a handshake is sent': (scene) => sent(scene, encodeHandshake({ path: '/echo' }, 'localhost')),
  'a bad handshake is sent': (scene) => sent(scene, badHandshake()),
  'a handshake is not answered': (scene) =>
    sent(scene, encodeHandshake({ path: '/never-answers' }, 'localhost')),
  'a handshake is refused': refused,
  'it is open': (scene) => scene.open('/echo'),
  'a header has begun': (scene) => after(scene, '/echo', () => toBytes('82 fe')),
  'a payload has begun': (scene) =>
    after(scene, '/echo', (peer) => peer.frame({ opcode: 2, payload: 'x', claimedLength: LARGE })),
  'a message has begun': (scene) =>
    after(scene, '/echo', (peer) => peer.frame({ opcode: 1, fin: false, payload: 'Hel' })),
  'a large message is being inflated': (scene) =>
    after(scene, '/echo', (peer) => peer.frame({ opcode: 2, rsv: 4, payload: MUCH_DEFLATED })),
  'an echo is being compressed': (scene) =>
    after(scene, '/echo', (peer) => peer.frame({ opcode: 2, payload: NOISE })),
  'an echo is not read': (scene) => unread(scene),
  'the handler is slow': (scene) =>
    after(scene, '/slow', (peer) => repeated(peer.frame({ opcode: 1, payload: 'x' }), 50)),
  'the server sends': flooded,
  'the server has been told': (scene) =>
    after(scene, '/echo', (peer) => peer.frame({ opcode: 8, payload: closePayload(1000) })),
  'the server has failed it': (scene) => after(scene, '/echo', () => toBytes('ff ff')),
  'the server has closed it': (scene) =>
    after(scene, '/send-after-close', (peer) => peer.frame({ opcode: 1, payload: 'x' })),
};

/** A moment in which the server may get to work, or not. */
const moments = [0, 20];

/** Peers that go where others would stay. */
export const resetAttacks: readonly Attack[] = [
  defineAttack('RST at every state', async (scene) => {
    await leaveEverywhere(scene, async (peer) => peer.reset());
  }),

  defineAttack('FIN at every state', async (scene) => {
    await leaveEverywhere(scene, async (peer) => {
      peer.end();
      await expectGone(peer.release().stream);
    });
  }),
];

async function leaveEverywhere(
  scene: Scene,
  leave: (peer: ScriptedPeer) => Promise<void>,
): Promise<void> {
  const leavings = Object.entries(states).flatMap(([name, state]) =>
    moments.map(async (moment) => {
      const peer = await state(scene);
      if (moment > 0) await scene.sleep(moment);
      await leave(peer).catch((error: unknown) => {
        throw new Error(`When ${name}, ${moment} ms later: ${error}`);
      });
    }),
  );
  await Promise.all(leavings);
  await expectService(await scene.open('/echo'));
}

async function sent(scene: Scene, bytes: Uint8Array): Promise<ScriptedPeer> {
  const peer = await scene.connect();
  peer.sends(bytes);
  return peer;
}

async function after(
  scene: Scene,
  path: string,
  bytes: (peer: ScriptedPeer) => Uint8Array,
): Promise<ScriptedPeer> {
  const peer = await scene.open(path, { headers: DEFLATE_OFFER });
  peer.sends(bytes(peer));
  return peer;
}

async function refused(scene: Scene): Promise<ScriptedPeer> {
  const peer = await scene.connect();
  await peer.handshake({ path: '/nowhere' });
  return peer;
}

async function flooded(scene: Scene): Promise<ScriptedPeer> {
  const peer = await scene.open('/flood');
  peer.pause();
  return peer;
}

async function unread(scene: Scene): Promise<ScriptedPeer> {
  const peer = await scene.open('/echo');
  peer.pause();
  peer.sends(repeated(peer.frame({ opcode: 2, payload: new Uint8Array(LARGE) }), 20));
  return peer;
}

function badHandshake(): Uint8Array {
  return encodeHandshake({ path: '/echo', headers: { 'Sec-WebSocket-Key': 'x' } }, 'localhost');
}

function repeated(bytes: Uint8Array, count: number): Uint8Array {
  return concatBytes(...new Array<Uint8Array>(count).fill(bytes));
}
