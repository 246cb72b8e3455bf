import { deflateRawSync } from 'node:zlib';
import {
  concatBytes,
  type PeerFrame,
  type ScriptedPeer,
  textBytes,
  toBytes,
} from '@heddle/testing';
import type { Attack } from './attack.ts';
import { expectClose, expectFailure } from './outcome.ts';
import { DEFLATE_OFFER, defineAttack } from './scene.ts';

/** Characters of one octet to four, so that a position may be within any of them. */
const TEXT = textBytes('Grüße, κόσμε! 你好 🧵🪡 and then some more, so that it is read in words. ');

/** What no text holds: RFC 3629 §3 and §4. */
const invalid = [
  '80',
  'bf bf',
  'c0 af',
  'c1 bf',
  'e0 80 af',
  'e0 9f bf',
  'ed a0 80',
  'ed bf bf',
  'f0 80 80 af',
  'f0 8f bf bf',
  'f4 90 80 80',
  'f5 80 80 80',
  'f8 88 80 80 80',
  'fe',
  'ff',
  'c3 28',
  'e2 82 28',
  'f0 9f a7 28',
].map(toBytes);

/** Characters that break off: valid so far, until the message ends. */
const unfinished = ['c3', 'e2', 'e2 82', 'f0', 'f0 9f', 'f0 9f a7'].map(toBytes);

/** Text that is none. */
export const textAttacks: readonly Attack[] = [
  defineAttack('invalid UTF-8 at every position', async (scene) => {
    const positions = Array.from(TEXT, (_, position) => position);
    await scene.forEach(positions, async (peer, position) => {
      const payload = TEXT.slice();
      payload[position] = 0xff;
      await expectFailure(peer, { opcode: 1, payload }, 1007);
    });
    await scene.forEach(positions, async (peer, position) => {
      peer.sendsFrame({ opcode: 1, fin: false, payload: upToCharacter(position) });
      await expectFailure(peer, { opcode: 0, fin: false, payload: toBytes('80') }, 1007);
    });
  }),

  defineAttack('invalid UTF-8 of every kind', async (scene) => {
    await scene.forEach([...invalid, ...unfinished], async (peer, bytes) => {
      await expectFailure(peer, { opcode: 1, payload: concatBytes(TEXT, bytes) }, 1007);
    });
    await scene.forEach([...invalid, ...unfinished], async (peer, bytes) => {
      const reason = concatBytes(toBytes('03 e8'), bytes);
      await expectFailure(peer, { opcode: 8, payload: reason }, 1007);
    });
    await scene.forEach(
      [...invalid, ...unfinished],
      async (peer, bytes) => await expectFailure(peer, deflated(concatBytes(TEXT, bytes)), 1007),
      () => scene.open('/echo', { headers: DEFLATE_OFFER }),
    );
    await scene.forEach(invalid, failsAtOnce);
  }),
];

/** The text as far as the character that is at `position`, without that. */
function upToCharacter(position: number): Uint8Array {
  let end = position;
  while (((TEXT[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
  return TEXT.subarray(0, end);
}

function deflated(payload: Uint8Array): PeerFrame {
  return { opcode: 1, rsv: 4, payload: deflateRawSync(payload) };
}

/** The rest of the frame need not come. */
async function failsAtOnce(peer: ScriptedPeer, bytes: Uint8Array): Promise<void> {
  const payload = concatBytes(TEXT, bytes);
  peer.sendsFrame({ opcode: 1, payload, claimedLength: 100_000 });
  await expectClose(peer, 1007);
}
