import { expect } from 'vitest';
import { concatBytes } from '../bytes.ts';
import { encodeFrame } from '../frame.ts';
import type { ScriptedStream } from '../scripted-stream.ts';
import type { AppUnderTest } from './app-under-test.ts';
import type { ContractCases } from './contract-case.ts';
import { closeCodeOf } from './eventually.ts';
import { delay, echo, expectEcho } from './handlers.ts';
import type { ContractHandler } from './harness.ts';

/** Sizes at which the length field changes its form (§5.2), and the largest that is let in. */
const SIZES = [0, 1, 125, 126, 65_535, 65_536, 2 ** 20];

/** Messages through the adapter, from the first byte behind the handshake on. */
export const messages = {
  'echoes text and bytes of every length': async (start) => {
    const app = await start({ routes: [{ path: '/echo', ws: echo }] });
    const client = await app.client('/echo');
    for (const size of SIZES) {
      const text = 'é'.repeat(size / 2) + 'x'.repeat(size % 2);
      client.send(text);
      expect((await client.next()) === text, `${size} bytes of text`).toBe(true);
      const bytes = new Uint8Array(size).map((_, index) => index * 31);
      client.send(bytes.slice());
      const echoed = await client.next();
      expect(typeof echoed !== 'string' && Buffer.compare(echoed, bytes) === 0, `${size}`).toBe(
        true,
      );
    }
  },

  'echoes a message that comes byte by byte, in fragments, with a ping between': async (start) => {
    const app = await start({ routes: [{ path: '/echo', ws: echo }] });
    const peer = await app.opened('/echo');
    const fragments = concatBytes(
      peer.frame({ opcode: 1, fin: false, payload: 'Hel' }),
      peer.frame({ opcode: 9, payload: 'still there?' }),
      peer.frame({ opcode: 0, payload: 'lo' }),
    );
    await peer.dribble(fragments, [1]);
    expect(await peer.receivesFrame()).toMatchObject({ opcode: 10, masked: false });
    await peer.receivesText('Hello');
  },

  'takes a frame that comes in one segment with the handshake': async (start) => {
    const app = await start({ routes: [{ path: '/echo', ws: echo }] });
    await exchangeAtOnce(app, '/echo');
  },

  'takes such a frame while a hook is still deciding': async (start) => {
    const before = () => delay(50).then(() => ({}));
    const app = await start({ routes: [{ path: '/echo', before, ws: echo }] });
    await exchangeAtOnce(app, '/echo');
  },

  'loses nothing while an async handler has not begun to listen': async (start) => {
    const ws: ContractHandler = async (socket, request) => {
      await delay(50);
      await echo(socket, request);
    };
    const app = await start({ routes: [{ path: '/echo', ws }] });
    await exchangeAtOnce(app, '/echo');
  },

  'loses nothing before an async handler begins to iterate': async (start) => {
    const ws: ContractHandler = async (socket) => {
      await delay(50);
      for await (const message of socket) socket.send(message);
    };
    const app = await start({ routes: [{ path: '/echo', ws }] });
    const peer = await exchangeAtOnce(app, '/echo');
    peer.sends(peer.frame({ opcode: 8, payload: Uint8Array.of(3, 232) }));
    await peer.receives('88 02 03 e8');
    await peer.receivesEnd();
  },

  'closes with 1009 for a message that is too big, and serves the others': async (start) => {
    const options = { limits: { maxMessageBytes: 1_000 } };
    const app = await start({ routes: [{ path: '/echo', ws: echo }], options });
    const other = await app.client('/echo');
    const greedy = await app.client('/echo');
    greedy.send('x'.repeat(1_000));
    expect(await greedy.next()).toHaveLength(1_000);
    greedy.send('x'.repeat(1_001));
    expect(await closeCodeOf(greedy)).toBe(1009);
    await expectEcho(other);
    expect(app.errors).toEqual([]);
  },

  'has a size of its own for each route': async (start) => {
    const app = await start({
      options: { limits: { maxMessageBytes: 1_000 } },
      routes: [
        { path: '/small', ws: echo },
        { path: '/large', ws: echo, options: { limits: { maxMessageBytes: 2_000 } } },
      ],
    });
    const large = await app.client('/large');
    large.send('x'.repeat(2_000));
    expect(await large.next()).toHaveLength(2_000);
    const small = await app.client('/small');
    small.send('x'.repeat(2_000));
    expect(await closeCodeOf(small)).toBe(1009);
  },
} satisfies ContractCases;

/** Sends the handshake and three messages in one write, then a fourth, and expects all of them back. */
async function exchangeAtOnce(app: AppUnderTest, path: string): Promise<ScriptedStream> {
  const texts = ['one', 'two', 'three'];
  const frames = texts.map((payload) =>
    encodeFrame({ opcode: 1, payload, maskingKey: '37 fa 21 3d' }),
  );
  const peer = await app.opened(path, { followedBy: concatBytes(...frames) });
  peer.sendsFrame({ opcode: 1, payload: 'four' });
  for (const text of [...texts, 'four']) await peer.receivesText(text);
  return peer;
}
