import { concatBytes, type ScriptedPeer } from '@heddle/testing';
import type { Attack } from './attack.ts';
import { expectClose, expectEnd, expectService, expectText, leave } from './outcome.ts';
import { assertStatus, defineAttack, type Scene } from './scene.ts';

/** More than waits for a handler that takes nothing. */
const MANY = 500;

/** Peers of applications that do not behave: each route of `routes.ts` is one. */
export const applicationAttacks: readonly Attack[] = [
  defineAttack('handlers that throw', async (scene) => {
    await expectAnswer(scene, '/throws-before', 500);
    await expectClose(await scene.open('/throws-at-once'), 1011);
    await expectClose(await speaking(scene, '/throws'), 1011);
  }),

  defineAttack('handlers that reject', async (scene) => {
    await expectAnswer(scene, '/rejects-before', 500);
    await expectClose(await scene.open('/rejects-at-once'), 1011);
    await expectClose(await speaking(scene, '/rejects'), 1011);
  }),

  defineAttack('handlers that block', async (scene) => {
    const peer = await speaking(scene, '/blocks');
    await expectText(peer, 'hello');
    await leave(peer);
  }),

  defineAttack('handlers that never settle', async (scene) => {
    await Promise.all([
      expectAnswer(scene, '/never-answers', 503),
      staysUntilTheyLeave(scene, '/never'),
      staysUntilTheyLeave(scene, '/never-listens'),
      staysUntilTheyLeave(scene, '/never-consumes'),
    ]);
  }),

  defineAttack('send after close', async (scene) => {
    await expectClose(await speaking(scene, '/send-after-close'), 1000);
  }),

  defineAttack('send from close', async (scene) => {
    await leave(await scene.open('/send-from-close'));
    (await scene.open('/send-from-close')).reset();
    (await scene.open('/send-from-close')).end();
  }),

  defineAttack('destroy inside message', async (scene) => {
    const peer = await scene.open('/destroy-inside');
    // All in one read: what stands behind the first message must not come to the handler.
    const message = peer.frame({ opcode: 1, payload: 'hello' });
    peer.sends(concatBytes(...new Array<Uint8Array>(MANY).fill(message)));
    await expectEnd(peer);
  }),

  defineAttack('listeners removed while called', async (scene) => {
    const peer = await speaking(scene, '/removes-listeners');
    await expectText(peer, 'first');
    await expectText(peer, 'second');
    peer.sendsFrame({ opcode: 1, payload: 'again' });
    await expectText(peer, 'third');
    await leave(peer);
    const deaf = await speaking(scene, '/removes-all');
    deaf.sendsFrame({ opcode: 1, payload: 'to nobody' });
    await leave(deaf);
    await expectService(await scene.open('/echo'));
  }),
];

async function speaking(scene: Scene, path: string): Promise<ScriptedPeer> {
  const peer = await scene.open(path);
  peer.sendsFrame({ opcode: 1, payload: 'hello' });
  return peer;
}

async function expectAnswer(scene: Scene, path: string, status: number): Promise<void> {
  const peer = await scene.connect();
  assertStatus(await peer.handshake({ path }), status);
}

/** What the handler does not take waits, and the peer with it; it can go at any time. */
async function staysUntilTheyLeave(scene: Scene, path: string): Promise<void> {
  const peer = await speaking(scene, path);
  for (let count = 0; count < MANY; count++) peer.sendsFrame({ opcode: 1, payload: 'hello' });
  await scene.sleep(200);
  if (peer.ended) throw new Error(`${path} has ended`);
  peer.reset();
}
