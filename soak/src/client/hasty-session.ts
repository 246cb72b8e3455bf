import { ScriptedPeer } from '@heddle/testing';
import type { Surroundings } from './surroundings.ts';

const MAX_MESSAGES = 5;
const MAX_BYTES = 500;

/**
 * One connection that says what it has to say and closes, all in one write: its messages were sent before the
 * close frame, so their echoes come before the answer to it. (After its own close frame no client of a library hears
 * messages: hence a scripted one.)
 */
export async function playHastySession(surroundings: Surroundings): Promise<void> {
  const { dice, name, path, patienceMs, port, tally } = surroundings;
  const peer = await ScriptedPeer.connect({ port, timeoutMs: patienceMs });
  try {
    const { status } = await peer.handshake({ path });
    if (status !== 101) throw new Error(`answered with ${status}`);
    tally.add('connections');
    const payloads = Array.from({ length: dice.between(1, MAX_MESSAGES) }, (_, index) =>
      `${index}:`.padEnd(dice.between(2, MAX_BYTES), 'in haste '),
    );
    sendAll(peer, payloads, surroundings);
    await receiveAll(peer, payloads, surroundings).catch((error: unknown) => {
      tally.fault('wrongCloses', `${name}, in haste: ${error}`);
    });
    tally.parted('closed in haste');
  } finally {
    peer.destroy();
  }
}

const CLOSE = Buffer.of(0x03, 0xe8);

function sendAll(peer: ScriptedPeer, payloads: readonly string[], { tally }: Surroundings): void {
  const frames = payloads.map((payload) => peer.frame({ opcode: 1, payload }));
  for (const _ of payloads) tally.add('sent');
  peer.sends(Buffer.concat([...frames, peer.frame({ opcode: 8, payload: CLOSE })]));
}

async function receiveAll(
  peer: ScriptedPeer,
  payloads: readonly string[],
  { name, tally }: Surroundings,
): Promise<void> {
  const sentAt = performance.now();
  const due = [...payloads];
  for (;;) {
    const { opcode, payload } = await peer.receivesFrame();
    // A ping may come at any time, and needs no answer behind a close frame.
    if (opcode === 9) continue;
    if (opcode === 8) {
      if (!CLOSE.equals(payload)) tally.fault('wrongCloses', `${name}, in haste: another code`);
      break;
    }
    if (Buffer.from(payload).toString() === due.shift()) tally.echoed(performance.now() - sentAt);
    else tally.fault('corrupted', `${name}, in haste`);
  }
  if (due.length > 0)
    tally.fault('lost', `${name}, in haste: a close frame came first`, due.length);
  await peer.receivesEnd();
}
