import { readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Opcode } from '@heddle/core';
import { describe, expect, it } from 'vitest';
import type { StreamedMessage } from '../../src/connection/streamed-message.ts';
import { binary, close, first, last, middle, readServer, text } from '../frames.ts';
import { openHeld } from '../open.ts';
import { type Streaming, streaming } from '../streaming.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { settled, turn } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const consumed = { code: 'WS_ALREADY_CONSUMED' };

describe('A streamed message put together', () => {
  it('is bytes, or a string, or JSON', async () => {
    const bytes = await streaming(Buffer.concat([first('a'), last('b')]));
    expect(await bytes.message.bytes()).toEqual(Buffer.from('ab'));
    const string = await streaming(text('\ufeffgrüße'));
    expect(await string.message.text()).toBe('\ufeffgrüße');
    const json = await streaming(Buffer.concat([first('{"a":'), last('[1]}')]));
    expect(await json.message.json()).toEqual({ a: [1] });
    const ofBytes = await streaming(binary(Buffer.from('{}')));
    expect(await ofBytes.message.json()).toEqual({});
  });

  it('is a string although its characters are cut between fragments', async () => {
    const bytes = Buffer.from('a€😀ü');
    const fragments = [...bytes].map((octet) => middle(Buffer.of(octet)));
    const { message } = await streaming(Buffer.concat([first(''), ...fragments, last('')]));
    expect(await message.text()).toBe('a€😀ü');
  });

  it('rejects with a SyntaxError where it is no JSON, and the connection goes on', async () => {
    const { socket, message } = await streaming(text('{'));
    await expect(message.json()).rejects.toThrow(SyntaxError);
    expect(socket.state).toBe('open');
  });

  it.each(['bytes', 'text', 'json'] as const)('by %s() is bounded: 1009', async (method) => {
    const { socket, transport, message } = await streaming(first('123'), { closingTimeoutMs: 30 });
    const reading = message[method]({ maxBytes: 5 });
    transport.delivers(middle('45'));
    expect(await settled(reading)).toBe('pending');
    transport.delivers(middle('6'));
    await expect(reading).rejects.toMatchObject({
      code: 'WS_CLOSED',
      cause: { code: 'WS_MESSAGE_TOO_BIG', closeCode: 1009 },
    });
    await turn();
    expect(readServer(transport.written)).toEqual([['close', 1009, expect.any(String)]]);
    expect((await socket.closed).error).toMatchObject({ code: 'WS_MESSAGE_TOO_BIG' });
  });

  it('is bounded by 1 MiB where nothing else is said', async () => {
    const limits = { maxMessageBytes: 2 ** 22 };
    const fits = await streaming(binary(Buffer.alloc(2 ** 20)), { limits });
    expect(await fits.message.bytes()).toHaveLength(2 ** 20);
    const tooBig = await streaming(binary(Buffer.alloc(2 ** 20 + 1)), { limits });
    await expect(tooBig.message.bytes()).rejects.toMatchObject({ code: 'WS_CLOSED' });
  });

  it('is bounded where it had come whole before', async () => {
    const { socket, transport } = openHeld();
    transport.delivers(text('123456'));
    await turn();
    const { value } = await socket.incoming().next();
    await expect(value?.text({ maxBytes: 5 })).rejects.toMatchObject({ code: 'WS_CLOSED' });
    await turn();
    expect(readServer(transport.written)).toMatchObject([['close', 1009, expect.any(String)]]);
  });

  it.each([0, -1, 1.5, Number.NaN, '5' as unknown as number])(
    'has no bound of %s',
    async (maxBytes) => {
      const { message } = await streaming(text('a'));
      await expect(message.bytes({ maxBytes })).rejects.toMatchObject({
        code: 'WS_INVALID_OPTION',
      });
      expect(await message.text()).toBe('a');
    },
  );

  it('can be read once, in one way', async () => {
    const { message } = await streaming(text('{}'));
    await message.text();
    await expect(message.text()).rejects.toMatchObject(consumed);
    await expect(message.bytes()).rejects.toMatchObject(consumed);
    await expect(message.json()).rejects.toMatchObject(consumed);
    await expect(message.toFile('/nowhere/at/all')).rejects.toMatchObject(consumed);
    expect(() => message[Symbol.asyncIterator]()).toThrow(expect.objectContaining(consumed));
  });

  it('can be piped as a stream, and a pipeline that fails leaves the rest', async () => {
    const piped = await streaming(Buffer.concat([first('a'), last('b')]));
    const chunks: unknown[] = [];
    await pipeline(Readable.from(piped.message), async (source) => {
      for await (const chunk of source) chunks.push(chunk);
    });
    expect(Buffer.concat(chunks as Buffer[]).toString()).toBe('ab');
    const { message, socket, transport } = await streaming(first('a'));
    const failing = pipeline(Readable.from(message), async () => {
      throw new Error('the other end');
    });
    await expect(failing).rejects.toThrow('the other end');
    for (let index = 0; index < 20; index++) transport.delivers(middle(Buffer.alloc(50_000, 'x')));
    transport.delivers(last(''));
    await turn();
    expect(transport.isPaused()).toBe(false);
    expect(socket.state).toBe('open');
  });
});

describe('A text that is not UTF-8, §8.1', () => {
  it('fails the connection with 1007 at the piece, and who reads gets ClosedError', async () => {
    const { transport, message, socket } = await streaming(first('ok'), { closingTimeoutMs: 30 });
    const pieces = message[Symbol.asyncIterator]();
    expect((await pieces.next()).value?.toString()).toBe('ok');
    transport.delivers(middle(Buffer.from('61ff61', 'hex')));
    await turn();
    expect(readServer(transport.written)).toMatchObject([['close', 1007, expect.any(String)]]);
    await expect(pieces.next()).rejects.toMatchObject({
      code: 'WS_CLOSED',
      cause: { code: 'WS_TEXT_NOT_UTF8' },
    });
    expect((await socket.closed).error).toMatchObject({ closeCode: 1007 });
  });

  it('because it ends within a character', async () => {
    const { transport, message } = await streaming(first(Buffer.from('e282', 'hex')), {
      closingTimeoutMs: 30,
    });
    const reading = message.text();
    transport.delivers(last(''));
    await expect(reading).rejects.toMatchObject({ cause: { code: 'WS_TEXT_NOT_UTF8' } });
    expect(readServer(transport.written)).toMatchObject([['close', 1007, expect.any(String)]]);
  });
});

describe('A message that the connection ends within', () => {
  const cases: [string, (held: Pick<Streaming, 'socket' | 'transport'>) => void][] = [
    ['the peer ends its half', ({ transport }) => void transport.push(null)],
    ['the network fails', ({ transport }) => void transport.destroy(new Error('ECONNRESET'))],
    ['the peer closes', ({ transport }) => transport.delivers(close(1001))],
    ['the peer breaks a rule', ({ transport }) => transport.delivers(text('no continuation'))],
    ['we close', ({ socket }) => void socket.close()],
    ['we destroy it', ({ socket }) => socket.destroy(new Error('enough'))],
  ];

  it.each(cases)('because %s: who reads gets ClosedError', async (_, ends) => {
    const held = await streaming(first('a'), { closingTimeoutMs: 30 });
    const reading = held.message.text();
    const pieces = held.socket;
    ends(held);
    await expect(reading).rejects.toMatchObject({ code: 'WS_CLOSED' });
    await pieces.closed;
  });

  it.each(cases)('because %s: the loop ends, and who reads later gets it, too', async (_, ends) => {
    const { socket, transport } = openHeld({ closingTimeoutMs: 30 });
    setImmediate(() => transport.delivers(first('a')));
    const messages: StreamedMessage[] = [];
    const late: Promise<unknown>[] = [];
    for await (const message of socket.incoming()) {
      messages.push(message);
      ends({ socket, transport });
      await socket.closed;
      late.push(message.text().catch((error: unknown) => error));
    }
    expect(messages).toHaveLength(1);
    expect(await Promise.all(late)).toMatchObject([{ code: 'WS_CLOSED' }]);
  });

  it('says why, where there is a reason', async () => {
    const { socket, message } = await streaming(first('a'));
    const reading = message.text();
    socket.destroy(new Error('enough'));
    await expect(reading).rejects.toMatchObject({ cause: { message: 'enough' } });
  });

  it('gives what came whole before the end', async () => {
    const { transport, message, socket } = await streaming(Buffer.concat([first('a'), last('b')]));
    transport.destroy();
    await socket.closed;
    expect(await message.text()).toBe('ab');
  });
});

describe('Our close() while what was read waits', () => {
  it.each([
    ['for the next message to be asked for', Buffer.concat([text('a'), text('b'), close(1000)])],
    ['for the message to be read', Buffer.concat([binary(Buffer.alloc(300_000)), close(1000)])],
    [
      'behind the beginning of a message',
      Buffer.concat([text('a'), first('b'), middle('c'), last('d'), close(1000)]),
    ],
  ])('%s: the close frame behind it is seen', async (_, bytes) => {
    const { socket, transport } = await streaming(bytes);
    transport.push(null);
    await turn();
    expect(await socket.close()).toEqual({
      wasClean: true,
      error: undefined,
      code: 1000,
      reason: '',
    });
  });

  it('for a part of a frame that goes on later: the rest is understood', async () => {
    const large = binary(Buffer.alloc(300_000));
    const bytes = Buffer.concat([text('a'), large]);
    const { socket, transport } = await streaming(bytes.subarray(0, 200_000));
    await turn();
    const closed = socket.close();
    transport.delivers(Buffer.concat([bytes.subarray(200_000), close(1000)]));
    transport.push(null);
    expect(await closed).toMatchObject({ wasClean: true, error: undefined });
  });
});

describe('toFile()', () => {
  it('writes the message, and resolves with its size', async () => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(path, 'something longer than what comes');
    const { transport, message } = await streaming(first('grüße, ', Opcode.Binary));
    const writing = message.toFile(path);
    await turn();
    transport.delivers(Buffer.concat([middle('a'), middle(''), last('b')]));
    expect(await writing).toBe(11);
    expect(await readFile(path, 'utf8')).toBe('grüße, ab');
  });

  it('writes an empty message', async () => {
    const path = join(await temporaryFolder(), 'file');
    const { message } = await streaming(binary(Buffer.alloc(0)));
    expect(await message.toFile(path)).toBe(0);
    expect((await stat(path)).size).toBe(0);
  });

  it('removes what it has written when the connection ends', async () => {
    const folder = await temporaryFolder();
    const { transport, message } = await streaming(first('half', Opcode.Binary));
    const writing = message.toFile(join(folder, 'file'));
    writing.catch(() => {});
    while ((await readdir(folder)).length === 0) await turn();
    transport.destroy();
    await expect(writing).rejects.toMatchObject({ code: 'WS_CLOSED' });
    expect(await readdir(folder)).toEqual([]);
  });

  it('removes the file that a link leads to', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'link');
    await symlink(join(folder, 'file'), path);
    const { transport, message } = await streaming(first('half', Opcode.Binary));
    const writing = message.toFile(path);
    transport.destroy();
    await expect(writing).rejects.toMatchObject({ code: 'WS_CLOSED' });
    expect(await readdir(folder)).toEqual(['link']);
  });

  it('rejects where there is no such folder, and passes over the message', async () => {
    const { socket, transport, message } = await streaming(first('a'.repeat(200_000)));
    await expect(message.toFile('/nowhere/at/all')).rejects.toMatchObject({ code: 'ENOENT' });
    transport.delivers(last('b'.repeat(200_000)));
    await turn();
    expect(transport.isPaused()).toBe(false);
    expect(socket.state).toBe('open');
  });

  it('rejects where the disk is full, and removes no device', async () => {
    const { message } = await streaming(binary(Buffer.alloc(1_000)));
    await expect(message.toFile('/dev/full')).rejects.toMatchObject({ code: 'ENOSPC' });
    expect((await stat('/dev/full')).isCharacterDevice()).toBe(true);
  });

  it('does not touch a file for a message that has been read', async () => {
    const path = join(await temporaryFolder(), 'file');
    const { message } = await streaming(text('a'));
    await message.toFile(path);
    await expect(message.toFile(path)).rejects.toMatchObject(consumed);
    expect(await readFile(path, 'utf8')).toBe('a');
  });

  it('writes once where it is called twice at once', async () => {
    const path = join(await temporaryFolder(), 'file');
    const { message } = await streaming(text('a'));
    const both = await Promise.allSettled([message.toFile(path), message.toFile(path)]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await readFile(path, 'utf8')).toBe('a');
  });
});
