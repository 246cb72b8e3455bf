import { concatBytes, type PeerFrame, type ScriptedPeer, toBytes } from '@heddle/testing';
import { patient } from '../patience.ts';
import type { Attack } from './attack.ts';
import {
  closePayload,
  expectClose,
  expectFailure,
  expectService,
  expectText,
  leave,
  nextFrame,
} from './outcome.ts';
import { DEFLATE_OFFER, defineAttack, type Scene } from './scene.ts';

const MILLION = 1_000_000;
/** What `server.ts` allows in one message. */
const MAX_FRAGMENTS = 4_096;
const AT_ONCE = 10_000;

const OPCODES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const RSV = [0, 1, 2, 3, 4, 5, 6, 7];
const isReserved = (opcode: number): boolean => (opcode & 0b0111) > 2;

/** Every frame with a reserved opcode or bit: the first frame of a connection, without compression. */
const reserved = OPCODES.flatMap((opcode) => RSV.map((rsv) => ({ opcode, rsv }))).filter(
  ({ opcode, rsv }) => rsv > 0 || isReserved(opcode),
);

/** With compression, RSV1 belongs to the first frame of a message, and to nothing else. */
const reservedWithDeflate = reserved.filter(
  ({ opcode, rsv }) => isReserved(opcode) || rsv !== 4 || (opcode !== 1 && opcode !== 2),
);

/** Frames that break a rule by what their header says, and close frames by what they carry. */
const wrong: readonly PeerFrame[] = [
  { opcode: 1, maskingKey: false, payload: 'not masked' },
  { opcode: 9, maskingKey: false },
  { opcode: 1, lengthBytes: 2, payload: 'short' },
  { opcode: 2, lengthBytes: 8, payload: new Uint8Array(200) },
  { opcode: 8, fin: false },
  { opcode: 9, fin: false, payload: 'ping' },
  { opcode: 9, payload: new Uint8Array(126) },
  { opcode: 8, lengthBytes: 8, claimedLength: 2n ** 63n - 1n },
  { opcode: 0, payload: 'of nothing' },
  { opcode: 8, payload: Uint8Array.of(3) },
  ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535].map((code) => ({
    opcode: 8,
    payload: closePayload(code),
  })),
];

/** Attacks with frames, one connection at a time or one for each frame. */
export const frameAttacks: readonly Attack[] = [
  defineAttack('length 2^63−1', async (scene) => {
    const longest = { lengthBytes: 8, claimedLength: 2n ** 63n - 1n } as const;
    for (const opcode of [1, 2]) {
      await expectFailure(await scene.open('/echo'), { opcode, ...longest }, 1009);
      await expectFailure(await scene.open('/echo'), { opcode, ...longest, fin: false }, 1009);
      const deflated = await scene.open('/echo', { headers: DEFLATE_OFFER });
      await expectFailure(deflated, { opcode, rsv: 4, ...longest }, 1009);
    }
    const peer = await scene.open('/echo');
    peer.sendsFrame({ opcode: 2, fin: false, payload: 'a' });
    await expectFailure(peer, { opcode: 0, ...longest }, 1009);
    // One more, and its sign bit is set.
    const negative = { opcode: 2, lengthBytes: 8, claimedLength: 2n ** 63n } as const;
    await expectFailure(await scene.open('/echo'), negative, 1002);
  }),

  defineAttack('a million empty fragments', async (scene) => {
    const peer = await scene.open('/echo');
    const many = repeated(peer.frame({ opcode: 0, fin: false }), AT_ONCE);
    peer.sendsFrame({ opcode: 2, fin: false });
    // Being told changes nothing: it ends with the million, or when the server drops the connection.
    for (let sent = 0; sent < MILLION && peer.error === undefined; sent += AT_ONCE) {
      await peer.dribble(many, [many.byteLength]);
    }
    await expectClose(peer, 1008);
  }),

  defineAttack('one byte per fragment', async (scene) => {
    const peer = await scene.open('/echo');
    const text = 'x'.repeat(MAX_FRAGMENTS);
    const byte = peer.frame({ opcode: 0, fin: false, payload: 'x' });
    // As many as there may be, and all their headers in pieces, too.
    const inside = repeated(byte, MAX_FRAGMENTS - 2);
    peer.sendsFrame({ opcode: 1, fin: false, payload: 'x' });
    await peer.dribble(inside, [1, 2, 3, 4, 5, 6, 8, 4_000]);
    peer.sendsFrame({ opcode: 0, payload: 'x' });
    await expectText(peer, text);
    peer.sendsFrame({ opcode: 1, fin: false, payload: 'x' });
    peer.sends(repeated(byte, MAX_FRAGMENTS));
    await expectClose(peer, 1008);
  }),

  defineAttack('a frame that never ends', async (scene) => {
    await Promise.all([
      dribbles(scene, { opcode: 2, claimedLength: 2 ** 19 }, 1),
      dribbles(scene, { opcode: 2, claimedLength: 2 ** 19, fin: false }, 20),
      // Not even its header ends.
      silentAfter(scene, toBytes('82 ff 00 00')),
      silentAfter(scene, toBytes('82')),
    ]);
  }),

  defineAttack('reserved everything', async (scene) => {
    const fails = (peer: ScriptedPeer, frame: PeerFrame) => expectFailure(peer, frame, 1002);
    await scene.forEach(reserved, fails);
    await scene.forEach(reservedWithDeflate, fails, () =>
      scene.open('/echo', { headers: DEFLATE_OFFER }),
    );
  }),

  defineAttack('wrong frames of every kind', async (scene) => {
    await scene.forEach(wrong, (peer, frame) => expectFailure(peer, frame, 1002));
    const peer = await scene.open('/echo');
    peer.sendsFrame({ opcode: 1, fin: false, payload: 'interrupted' });
    await expectFailure(peer, { opcode: 1, payload: 'by another' }, 1002);
  }),

  defineAttack('a close frame inside a message', async (scene) => {
    const peer = await scene.open('/echo');
    peer.sendsFrame({ opcode: 1, fin: false, payload: 'never to be ' });
    await leave(peer);
    // What follows the close frame is no longer looked at, however it is.
    const other = await scene.open('/echo');
    other.sends(
      concatBytes(
        other.frame({ opcode: 1, fin: false, payload: 'never to be ' }),
        other.frame({ opcode: 8, payload: closePayload(4_000) }),
        other.frame({ opcode: 0, payload: 'finished' }),
        toBytes('ff ff ff ff'),
      ),
    );
    await expectClose(other, 4_000);
    const pinged = await scene.open('/echo');
    pinged.sendsFrame({ opcode: 1, fin: false, payload: 'a ping ' });
    pinged.sendsFrame({ opcode: 9, payload: 'within' });
    const { opcode } = await nextFrame(pinged);
    if (opcode !== 10) throw new Error(`Expected a pong, but got opcode ${opcode}`);
    pinged.sendsFrame({ opcode: 0, payload: 'may be' });
    await expectText(pinged, 'a ping may be');
    await expectService(pinged);
  }),
];

/** A peer that sends so many bytes of its frame now and then, and goes on until it is told to go. */
async function dribbles(scene: Scene, frame: PeerFrame, bytes: number): Promise<void> {
  const peer = await scene.open('/echo');
  peer.sendsFrame(frame);
  while (peer.pending.byteLength === 0 && !peer.ended) {
    // However long the server waits: it must stay too little.
    await scene.sleep(patient(100));
    peer.sends(new Uint8Array(bytes).fill(0x41));
  }
  await expectClose(peer, 1008);
}

/** A peer that begins a frame, and says nothing more. */
async function silentAfter(scene: Scene, bytes: Uint8Array): Promise<void> {
  const peer = await scene.open('/echo');
  peer.sends(bytes);
  await expectClose(peer, 1008);
}

function repeated(bytes: Uint8Array, count: number): Uint8Array {
  return concatBytes(...new Array<Uint8Array>(count).fill(bytes));
}
