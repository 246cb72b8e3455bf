import { ScriptedPeer, textBytes } from '@heddle/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EchoProcess } from './echo-process.ts';
import { type FrameCase, frameCases } from './frame-cases.ts';

/** Each case is sent in one write, and again byte by byte: what comes back must be the same. */
const cuts = { 'in one write': false, 'byte by byte': true };

let echo: EchoProcess;
beforeAll(async () => {
  echo = await EchoProcess.start();
});
afterAll(async () => {
  expect(await echo.stop()).toBe(0);
});

describe.each(Object.entries(cuts))('the echo server, written to %s', (_name, dribbles) => {
  describe.each(Object.entries(frameCases))('RFC 6455 %s', (_section, cases) => {
    it.each(cases.map((given) => [given.name, given] as const))('%s', async (_case, given) => {
      await play(given, dribbles);
    });
  });
});

async function play({ sends, echoes = [], closes }: FrameCase, dribbles: boolean): Promise<void> {
  const peer = await ScriptedPeer.connect({ port: Number(new URL(echo.url).port) });
  const answer = await peer.handshake();
  expect(answer.status).toBe(101);
  const bytes = Buffer.concat(sends.map((frame) => peer.frame(frame)));
  if (dribbles) await peer.dribble(bytes, [1]);
  else peer.sends(bytes);
  for (const { opcode, payload = '' } of echoes) {
    const frame = await peer.receivesFrame();
    expect(frame).toMatchObject({ fin: true, rsv: 0, opcode });
    const expected = Buffer.from(typeof payload === 'string' ? textBytes(payload) : payload);
    expect(Buffer.from(frame.payload)).toEqual(expected);
  }
  if (closes === undefined) {
    // Still there, and nothing else has come.
    peer.sendsFrame({ opcode: 0x1, payload: 'still open' });
    await peer.receivesText('still open');
    peer.destroy();
    return;
  }
  const frame = await peer.receivesFrame();
  expect(frame.opcode).toBe(0x8);
  expect(Buffer.from(frame.payload).readUInt16BE()).toBe(closes);
  await peer.receivesEnd();
  peer.destroy();
}
