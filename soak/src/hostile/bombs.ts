import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { concatBytes, type ScriptedPeer, toBytes } from '@heddle/testing';
import type { Attack } from './attack.ts';
import { expectClose, expectFailure, leave, nextFrame } from './outcome.ts';
import { DEFLATE_OFFER, defineAttack, type Scene } from './scene.ts';

const MEBIBYTE = 2 ** 20;
/** 16 KiB that inflate to 16 MiB. */
const BOMB = compress(new Uint8Array(16 * MEBIBYTE));
/** 1 KiB that inflates to the largest message there may be. */
const FULL = compress(new Uint8Array(MEBIBYTE));
const ECHOES = 16;
const UNREAD = 200;
const FRAGMENTS = 1_000;

/** Data that RFC 1951 has no meaning for. */
const invalid = [
  // A block of the reserved type, a stored one whose two lengths differ, a distance before the beginning.
  '07',
  '01 05 00 05 00',
  '00 ff ff ff ff',
  '02 03',
  '4b 04 81',
  '05',
  'ff ff ff ff ff ff ff ff',
].map(toBytes);

/** Messages that are small as they come, and large or nothing at all once they are inflated. */
export const bombAttacks: readonly Attack[] = [
  defineAttack('a zip bomb: one message', async (scene) => {
    for (const opcode of [1, 2]) {
      await expectFailure(await openDeflated(scene), { opcode, rsv: 4, payload: BOMB }, 1009);
    }
  }),

  defineAttack('a zip bomb: many messages', async (scene) => {
    const peer = await openDeflated(scene);
    const message = peer.frame({ opcode: 2, rsv: 4, payload: FULL });
    peer.sends(concatBytes(...new Array<Uint8Array>(ECHOES).fill(message)));
    for (let count = 0; count < ECHOES; count++) {
      const { opcode, rsv, payload } = await nextFrame(peer);
      const right = opcode === 2 && rsv === 4 && payload.byteLength < MEBIBYTE / 100;
      if (!right) throw new Error(`Expected a compressed echo, but got opcode ${opcode}`);
    }
    await leave(peer);
    await unread(scene, message);
  }),

  defineAttack('a zip bomb: over fragments', async (scene) => {
    const peer = await openDeflated(scene);
    const size = Math.ceil(BOMB.byteLength / FRAGMENTS);
    const frames = Array.from({ length: FRAGMENTS }, (_, index) =>
      peer.frame({
        opcode: index === 0 ? 2 : 0,
        rsv: index === 0 ? 4 : 0,
        fin: index === FRAGMENTS - 1,
        payload: BOMB.subarray(index * size, (index + 1) * size),
      }),
    );
    peer.sends(concatBytes(...frames));
    await expectClose(peer, 1009);
  }),

  defineAttack('a zip bomb that is hollow', async (scene) => {
    // Stored blocks of nothing: as much as there may be comes, and inflates to nothing.
    const blocks = new Uint8Array(MEBIBYTE).fill(0);
    for (let at = 0; at + 5 <= blocks.byteLength; at += 5) blocks.set([0, 0, 0, 0xff, 0xff], at);
    const peer = await openDeflated(scene);
    peer.sendsFrame({ opcode: 2, rsv: 4, payload: blocks.subarray(0, MEBIBYTE - (MEBIBYTE % 5)) });
    const { payload } = await nextFrame(peer);
    if (payload.byteLength > 1) throw new Error('Expected an empty echo');
    // Final blocks, each of which would have zlib start anew.
    const finals = toBytes('03 00'.repeat(2_000));
    await expectFailure(peer, { opcode: 2, rsv: 4, payload: finals }, 1007);
  }),

  defineAttack('invalid deflate', async (scene) => {
    const fails = async (peer: ScriptedPeer, payload: Uint8Array): Promise<void> =>
      await expectFailure(peer, { opcode: 2, rsv: 4, payload }, 1007);
    await scene.forEach(invalid, fails, () => openDeflated(scene));
    const noise = Array.from({ length: 8 }, () => concatBytes(toBytes('07'), randomBytes(5_000)));
    await scene.forEach(noise, fails, () => openDeflated(scene));
  }),
];

function openDeflated(scene: Scene): Promise<ScriptedPeer> {
  return scene.open('/echo', { headers: DEFLATE_OFFER });
}

/** A handler that is slow holds what it may, and the rest waits in TCP, compressed. */
async function unread(scene: Scene, message: Uint8Array): Promise<void> {
  const peer = await scene.open('/slow', { headers: DEFLATE_OFFER });
  peer.sends(concatBytes(...new Array<Uint8Array>(UNREAD).fill(message)));
  await scene.sleep(500);
  if (peer.ended) throw new Error('The slow handler has lost its connection');
  peer.reset();
}

/** A message as a peer sends it, RFC 7692 §7.2.1: without the end of its last, empty block. */
function compress(bytes: Uint8Array): Uint8Array {
  const flushed = deflateRawSync(bytes, { level: 9, finishFlush: constants.Z_SYNC_FLUSH });
  return flushed.subarray(0, -4);
}
