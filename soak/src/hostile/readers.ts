import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { encodeHandshake, ScriptedPeer, textBytes } from '@heddle/testing';
import { patient } from '../patience.ts';
import type { Attack } from './attack.ts';
import { expectEnd, expectGone, MAX_ON_THE_WAY } from './outcome.ts';
import { assertStatus, defineAttack, type Scene } from './scene.ts';

/** The server gives up before: what it sends exceeds what the kernel and Heddle hold, or it hears nothing. */
const WAIT_MS = patient(2_500);

const BYTE_INTERVAL_MS = 1_000;

/** Less would not be a flood. */
const LEAST_FLOOD = 2 ** 20;

/** Peers that take less than they are sent, or are not there at all. */
export const readerAttacks: readonly Attack[] = [
  defineAttack('a peer that never reads', async (scene) => {
    await Promise.all([listensToNothing(scene), sendsOnly(scene)]);
  }),

  defineAttack('a peer that reads one byte a second', async (scene) => {
    const reader = await openByteReader(scene);
    const end = performance.now() + WAIT_MS;
    while (performance.now() < end) {
      reader.socket.resume();
      await scene.sleep(BYTE_INTERVAL_MS);
    }
    reader.hurry();
    await expectGone(reader.socket);
    const { bytesRead } = reader.socket;
    if (bytesRead < LEAST_FLOOD)
      throw new Error(`The server has sent no more than ${bytesRead} bytes`);
  }),

  defineAttack('half-open connections', async (scene) => {
    await Promise.all([
      neverAnswers(scene, '/echo'),
      neverAnswers(scene, '/routed-echo'),
      // Nobody comes to take its messages either.
      neverAnswers(scene, '/never'),
      ...leavings.map((leave) => leavesUnread(scene, leave)),
      expectAnswer(await scene.connect(), 408),
      halfRequest(scene),
    ]);
  }),
];

/** What was on its way may still come; then the connection is over. */
async function listensToNothing(scene: Scene): Promise<void> {
  const peer = await scene.open('/flood');
  peer.pause();
  await scene.sleep(WAIT_MS);
  await expectGone(peer.release().stream);
}

/** A peer that has everything sent back, and reads nothing of it: it is held back itself. */
async function sendsOnly(scene: Scene): Promise<void> {
  const peer = await scene.open('/echo');
  peer.pause();
  const message = peer.frame({ opcode: 2, payload: new Uint8Array(2 ** 18) });
  const { stream } = peer.release();
  for (let bytes = 0; bytes < MAX_ON_THE_WAY; bytes += message.byteLength) stream.write(message);
  await scene.sleep(BYTE_INTERVAL_MS);
  if (stream.writableLength === 0) throw new Error('the server has taken all that it cannot send');
}

/** How a peer may be gone. */
const leavings = [(peer: ScriptedPeer) => peer.reset(), (peer: ScriptedPeer) => peer.destroy()];

/** A peer that is gone while the server does not read: nobody is left whom it could wait for. */
async function leavesUnread(scene: Scene, leave: (peer: ScriptedPeer) => void): Promise<void> {
  const peer = await scene.open('/never');
  const message = peer.frame({ opcode: 2, payload: new Uint8Array(2 ** 20) });
  for (let sent = 0; sent < 4; sent++) peer.sends(message);
  await scene.sleep(BYTE_INTERVAL_MS);
  // That it is seen to be gone shows in what is left when the attack is over.
  leave(peer);
}

async function neverAnswers(scene: Scene, path: string): Promise<void> {
  const peer = await scene.open(path);
  await expectEnd(peer);
}

async function expectAnswer(peer: ScriptedPeer, status: number): Promise<void> {
  assertStatus(await peer.receivesResponse(), status);
}

async function halfRequest(scene: Scene): Promise<void> {
  const peer = await scene.connect();
  peer.sends(textBytes('GET /echo HTTP/1.1\r\nHost: loc'));
  await expectAnswer(peer, 408);
}

interface ByteReader {
  readonly socket: Socket;
  /** From here on it reads as others do. */
  hurry(): void;
}

/** A socket that reads a byte for each `resume()`, as its buffer has no room for more. */
async function openByteReader(scene: Scene): Promise<ByteReader> {
  let hurried = false;
  const socket = connectTcp({
    port: scene.port,
    host: '127.0.0.1',
    onread: {
      buffer: () => new Uint8Array(hurried ? 2 ** 16 : 1),
      callback: () => hurried,
    },
  });
  scene.adopt(new ScriptedPeer(socket));
  await once(socket, 'connect');
  socket.write(encodeHandshake({ path: '/flood' }, 'localhost'));
  const hurry = (): void => {
    hurried = true;
  };
  return { socket, hurry };
}
