import { concatBytes, type ScriptedPeer } from '@heddle/testing';
import type { Attack } from './attack.ts';
import { closePayload, expectClose, expectEnd, expectService } from './outcome.ts';
import { defineAttack } from './scene.ts';

const FLOOD = 10_000;
const AT_ONCE = 5_000;

/** More control frames than anybody needs. */
export const floodAttacks: readonly Attack[] = [
  defineAttack('floods of ping', async (scene) => {
    const peer = await scene.open('/echo');
    await flood(peer, peer.frame({ opcode: 9, payload: 'x'.repeat(125) }));
    // The last one at least has its answer.
    peer.sendsFrame({ opcode: 9, payload: 'last' });
    await pongsUntil(peer, 'last');
    await expectService(peer);
    await floodUnread(await scene.open('/echo'));
  }),

  defineAttack('floods of pong', async (scene) => {
    const peer = await scene.open('/echo');
    await flood(peer, peer.frame({ opcode: 10, payload: 'nobody asked' }));
    await expectService(peer);
  }),

  defineAttack('floods of close', async (scene) => {
    const peer = await scene.open('/echo');
    await flood(peer, peer.frame({ opcode: 8, payload: closePayload(1000) }));
    await expectClose(peer, 1000);
    const empty = await scene.open('/echo');
    await flood(empty, empty.frame({ opcode: 8 }));
    await expectClose(empty, 1005);
  }),
];

/** Writes a frame again and again, as fast as the server reads. */
async function flood(peer: ScriptedPeer, frame: Uint8Array): Promise<void> {
  const many = concatBytes(...new Array<Uint8Array>(AT_ONCE).fill(frame));
  for (let sent = 0; sent < FLOOD && !peer.ended; sent += AT_ONCE) {
    await peer.dribble(many, [many.byteLength]);
  }
}

async function pongsUntil(peer: ScriptedPeer, last: string): Promise<void> {
  for (;;) {
    const { opcode, payload } = await peer.receivesFrame();
    if (opcode !== 9 && opcode !== 10) throw new Error(`Expected a pong, but got opcode ${opcode}`);
    if (opcode === 10 && Buffer.from(payload).toString() === last) return;
  }
}

/** Nobody reads the pongs: the server answers what it can, and then only remembers the last ping. */
async function floodUnread(peer: ScriptedPeer): Promise<void> {
  peer.pause();
  await flood(peer, peer.frame({ opcode: 9, payload: 'y'.repeat(125) }));
  peer.sendsFrame({ opcode: 8, payload: closePayload(1000) });
  peer.resume();
  await pongsUntilClose(peer);
}

async function pongsUntilClose(peer: ScriptedPeer): Promise<void> {
  for (;;) {
    const { opcode } = await peer.receivesFrame();
    if (opcode === 8) return await expectEnd(peer);
    if (opcode !== 9 && opcode !== 10) throw new Error(`Expected a pong, but got opcode ${opcode}`);
  }
}
