import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { Deflater } from '../../src/compression/deflater.ts';
import { PreparedMessage, prepare } from '../../src/connection/prepared-message.ts';
import { agree, framesOf, InflatingPeer, openCompressing, prose } from '../compressed.ts';
import { atOnce } from '../fast-paths-at-work.ts';
import { openHeld } from '../open.ts';
import { turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const FORM = { windowBits: 12, level: 6, memLevel: 5 };
/** Below what is compressed on the main thread, and above it. */
const [SMALL, LARGE] = [prose(2_000), prose(200_000)];
const plenty = { limits: { maxBufferedBytes: 2 ** 26, highWaterMarkBytes: 2 ** 26 } };

/** How often messages have been compressed since. */
function countDeflations(): () => number {
  const spy = vi.spyOn(Deflater.prototype, 'deflate');
  onTestFinished(() => {
    spy.mockRestore();
  });
  return () => spy.mock.calls.length;
}

describe('prepare', () => {
  it('frames text and bytes, of whatever realm', () => {
    expect(Buffer.from(prepare('hé').frame)).toEqual(
      Buffer.from('8103 68c3a9'.replace(' ', ''), 'hex'),
    );
    expect(Buffer.from(prepare(Uint8Array.of(1)).frame)).toEqual(Buffer.from('820101', 'hex'));
    const foreign = runInNewContext('Uint8Array.of(1)');
    expect(Buffer.from(prepare(foreign).frame)).toEqual(Buffer.from('820101', 'hex'));
    expect(Buffer.from(prepare('').frame)).toEqual(Buffer.from('8100', 'hex'));
  });

  it.each([null, undefined, 5, {}, [1], new ArrayBuffer(1), new PreparedMessage('')])(
    'refuses %s',
    (message) => {
      const code = 'WS_UNSUPPORTED_MESSAGE';
      expect(() => prepare(message as never)).toThrow(expect.objectContaining({ code }));
    },
  );

  it('makes one frame, which is always the same bytes', () => {
    const prepared = prepare(Buffer.alloc(100_000));
    expect(prepared.frame).toBe(prepared.frame);
    expect(prepared.byteLength).toBe(100_000);
  });
});

describe('A prepared message, compressed', () => {
  it('is so once for each form that connections have', () => {
    const deflations = countDeflations();
    const prepared = prepare(SMALL);
    const forms = [
      FORM,
      { ...FORM, windowBits: 15 },
      { ...FORM, level: 1 },
      { ...FORM, memLevel: 9 },
    ];
    const first = forms.map((form) => prepared.deflated(form));
    expect(forms.map((form) => prepared.deflated({ ...form }))).toEqual(first);
    for (const [at, form] of forms.entries()) expect(prepared.deflated(form)).toBe(first[at]);
    expect(deflations()).toBe(4);
  });

  it('has its payload where its frame has it', async () => {
    const deflated = await atOnce(prepare(SMALL).deflated(FORM));
    const [frame] = framesOf(Buffer.from(deflated.frame));
    expect(frame).toMatchObject({ fin: true, rsv: 4, opcode: 1 });
    expect(frame?.payload).toEqual(Buffer.from(deflated.payload));
    expect(deflated.payload.buffer).toBe(deflated.frame.buffer);
  });

  it('is so once where it is large, for all who ask meanwhile and afterwards', async () => {
    const deflations = countDeflations();
    const prepared = prepare(LARGE);
    const [one, other] = [prepared.deflated(FORM), prepared.deflated(FORM)];
    expect(one).toBeInstanceOf(Promise);
    expect(other).toBe(one);
    const done = await one;
    expect(prepared.deflated(FORM)).toBe(done);
    expect(deflations()).toBe(1);
  });

  it('may be tried again where there was no memory for it', async () => {
    const deflations = countDeflations();
    const prepared = prepare(LARGE);
    vi.spyOn(Deflater.prototype, 'deflate').mockRejectedValueOnce(new Error('no memory'));
    await expect(prepared.deflated(FORM)).rejects.toThrow('no memory');
    await turn();
    expect((await prepared.deflated(FORM)).payload.byteLength).toBeLessThan(50_000);
    expect(deflations()).toBe(2);
  });
});

describe('socket.send(prepare(…))', () => {
  it('writes the same bytes to each socket of a server, no copies', async () => {
    const prepared = prepare(SMALL);
    const plain = [openHeld(), openHeld()];
    const compressing = [openCompressing(), openCompressing()];
    const chunks: Uint8Array[] = [];
    for (const { socket, transport } of [...plain, ...compressing]) {
      const write = transport.write.bind(transport);
      transport.write = (chunk: Uint8Array, ...rest: never[]) => {
        chunks.push(chunk);
        return write(chunk, ...rest);
      };
      socket.send(prepared);
    }
    await until(() => chunks.length === 4, 'all four');
    expect(chunks[0]).toBe(prepared.frame);
    expect(chunks[1]).toBe(prepared.frame);
    expect(chunks[2]).not.toBe(prepared.frame);
    expect(chunks[3]).toBe(chunks[2]);
  });

  it.each([
    ['small', SMALL],
    ['large', LARGE],
  ])('is read amid messages whose window lives on: %s', async (_, text) => {
    const { socket, transport } = openCompressing(plenty);
    const prepared = prepare(text);
    const sent = [
      SMALL,
      prepared,
      SMALL,
      prepared,
      prepared,
      SMALL,
      prepare(Buffer.from(text)),
      SMALL,
    ];
    for (const message of sent) socket.send(message);
    await socket.drained();
    const plain = sent.map((message) =>
      message instanceof PreparedMessage ? message.message : message,
    );
    expect(await new InflatingPeer().reads(transport, sent.length)).toEqual(plain);
    const frames = framesOf(transport.written);
    expect(frames.every(({ rsv }) => rsv === 4)).toBe(true);
    // Ours begins anew behind each that was prepared: the peer's window has moved, ours has not.
    const [first, , second, , , third] = frames.map(({ payload }) => payload);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
  });

  it('lets the window live on where it was sent as it is', async () => {
    const { socket, transport } = openCompressing();
    socket.send(SMALL);
    socket.send(prepare('short'));
    socket.send(prepare(SMALL), { compress: false });
    socket.send(SMALL);
    await socket.drained();
    const frames = framesOf(transport.written);
    expect(frames.map(({ rsv }) => rsv)).toEqual([4, 0, 0, 4]);
    expect(frames[3]?.payload.byteLength).toBeLessThan((frames[0]?.payload.byteLength ?? 0) / 4);
    expect(await new InflatingPeer().reads(transport, 4)).toEqual([SMALL, 'short', SMALL, SMALL]);
  });

  it.each([
    ['small', SMALL],
    ['large', LARGE],
  ])('is masked, each time otherwise, by a client: %s', async (_, text) => {
    const agreement = agree();
    const { socket, transport } = openCompressing(plenty, 'client', agreement);
    const prepared = prepare(text);
    socket.send(prepared);
    socket.send(SMALL);
    socket.send(prepared, { compress: false });
    socket.send(prepared);
    await socket.drained();
    const peer = new InflatingPeer(agreement, 'server');
    expect(await peer.reads(transport, 4)).toEqual([text, SMALL, text, text]);
    const frames = framesOf(transport.written);
    expect(frames.map(({ rsv }) => rsv)).toEqual([4, 4, 0, 4]);
    expect(frames[0]?.payload).toEqual(frames[3]?.payload);
    expect(transport.written.indexOf(prepared.frame)).toBe(-1);
  });

  it('is compressed for a client that asked for no takeover, and by its window', async () => {
    const agreement = agree({ clientNoContextTakeover: true, clientMaxWindowBits: 9 });
    const { socket, transport } = openCompressing({}, 'client', agreement);
    for (let turn = 0; turn < 3; turn++) socket.send(prepare(SMALL));
    await socket.drained();
    const peer = new InflatingPeer(agreement, 'server');
    expect(await peer.reads(transport, 3)).toEqual([SMALL, SMALL, SMALL]);
  });

  it('is sent to those who waited for the thread together, and in its place', async () => {
    const deflations = countDeflations();
    const prepared = prepare(LARGE);
    const open = Array.from({ length: 20 }, () => openCompressing(plenty));
    for (const { socket } of open) {
      socket.send(prepared);
      socket.send('after');
    }
    expect(open[0]?.transport.writes).toHaveLength(0);
    for (const { socket, transport } of open) {
      await socket.drained();
      expect(await new InflatingPeer().reads(transport, 2)).toEqual([LARGE, 'after']);
    }
    expect(deflations()).toBe(1);
  });

  it('is lost on those who are destroyed meanwhile, and on nobody else', async () => {
    const prepared = prepare(LARGE);
    const [gone, there] = [openCompressing(plenty), openCompressing(plenty)];
    gone.socket.send(prepared);
    there.socket.send(prepared);
    gone.socket.destroy();
    await there.socket.drained();
    await until(() => gone.socket.state === 'closed', 'the end');
    expect(gone.transport.writes).toHaveLength(0);
    expect(await new InflatingPeer().reads(there.transport, 1)).toEqual([LARGE]);
  });

  it('is not what schema.reply describes, and goes past it', async () => {
    const reply = z.object({ a: z.number() });
    const { socket, transport } = openHeld({ schema: { reply } });
    socket.send({ a: 1 });
    socket.send(prepare('as it is'));
    await turn();
    const payloads = framesOf(transport.written).map(({ payload }) => payload.toString());
    expect(payloads).toEqual(['{"a":1}', 'as it is']);
  });
});
