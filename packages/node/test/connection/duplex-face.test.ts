import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { PassThrough, Readable, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { connectionPair } from '../../src/connection/connection-pair.ts';
import { toDuplex } from '../../src/connection/duplex-face.ts';
import { close, readServer, text } from '../frames.ts';
import { connectionsOverTcp, openHeld } from '../open.ts';
import { atRest, settled, turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

const plenty = { limits: { maxBufferedBytes: 2 ** 28 } };

describe('What is read from a duplex', () => {
  it('are the bytes of all messages, text and binary, to a clean end', async () => {
    const [client, server] = connectionPair();
    for (const message of ['é', '', Buffer.from([0, 255]), Buffer.alloc(0), '!']) {
      client.send(message);
    }
    void client.close();
    const read = await buffer(toDuplex(server));
    expect(read).toEqual(Buffer.concat([Buffer.from('é'), Buffer.from([0, 255, 0x21])]));
  });

  it('are the messages as they came in object mode', async () => {
    const [client, server] = connectionPair();
    const messages = ['é', '', Buffer.from([0, 255]), Buffer.alloc(0), '!'];
    for (const message of messages) client.send(message);
    void client.close();
    const read: unknown[] = [];
    for await (const message of toDuplex(server, { objectMode: true })) read.push(message);
    expect(read).toEqual(messages);
  });

  it('are no more than one ahead of the reader, in either mode', async () => {
    for (const objectMode of [false, true]) {
      const { client, server } = await connectionsOverTcp({ client: plenty });
      const duplex = toDuplex(server, { objectMode });
      const message = Buffer.alloc(100_000, 1);
      for (let index = 0; index < 200; index++) client.send(message);
      duplex.once('readable', () => {});
      await until(() => duplex.readableLength > 0, 'a message');
      const waiting = await atRest(() => client.bufferedBytes);
      expect(duplex.readableLength).toBe(objectMode ? 1 : message.length);
      expect(waiting).toBeGreaterThan(1_000_000);
      let bytes = 0;
      for await (const chunk of duplex) {
        bytes += chunk.length;
        if (bytes === 200 * message.length) break;
      }
    }
  });

  it('are what a schema makes of messages, in object mode', async () => {
    const schema = { message: (value: unknown) => ({ value }) };
    const [client, server] = connectionPair({ schema });
    client.send('{"a":1}');
    const duplex = toDuplex(server, { objectMode: true });
    expect(await once(duplex, 'data')).toEqual([{ a: 1 }]);
    const failed = once(duplex, 'error');
    client.send('null');
    expect(await failed).toMatchObject([{ code: 'WS_UNSUPPORTED_MESSAGE' }]);
  });

  it('are lines to readline', async () => {
    const [client, server] = connectionPair();
    for (const message of ['first\nsec', Buffer.from('ond\n'), 'third']) client.send(message);
    void client.close();
    const lines: string[] = [];
    for await (const line of createInterface({ input: toDuplex(server) })) lines.push(line);
    expect(lines).toEqual(['first', 'second', 'third']);
  });
});

describe('What is written to a duplex', () => {
  it('is a message for each chunk: text, or binary', async () => {
    const [client, server] = connectionPair();
    const received: unknown[] = [];
    client.on('message', (message) => received.push(message));
    const duplex = toDuplex(server);
    duplex.cork();
    duplex.write('é');
    duplex.write('');
    duplex.write(Buffer.from([1]));
    duplex.write(new Uint8Array([2]));
    duplex.write('00ff', 'hex');
    duplex.write('text', 'UTF-8' as BufferEncoding);
    duplex.uncork();
    duplex.end('last');
    await client.closed;
    const bytes = [[1], [2], [0, 255]].map((octets) => Buffer.from(octets));
    expect(received).toEqual(['é', '', ...bytes, 'text', 'last']);
  });

  it('waits while the kernel takes nothing', async () => {
    const { socket, transport } = openHeld();
    const duplex = toDuplex(socket).on('error', () => {});
    transport.block();
    let written = 0;
    const write = () => duplex.write(Buffer.alloc(100_000), () => written++);
    for (let index = 0; index < 5; index++) write();
    await turn();
    expect([written, duplex.writableNeedDrain]).toEqual([0, true]);
    expect(socket.bufferedBytes).toBeLessThan(200_000);
    transport.unblock();
    await until(() => written === 5, 'all writes');
    expect(readServer(transport.written)).toHaveLength(5);
  });

  it('fails the stream with the mistake, if it is no message', async () => {
    const [, server] = connectionPair();
    const duplex = toDuplex(server, { objectMode: true });
    const failed = once(duplex, 'error');
    duplex.write({ no: 'message' });
    expect(await failed).toMatchObject([{ code: 'WS_UNSUPPORTED_MESSAGE' }]);
    expect((await server.closed).error).toMatchObject({ code: 'WS_UNSUPPORTED_MESSAGE' });
  });

  it("fails after the connection's own close(), and after the peer's", async () => {
    const mine = openHeld();
    const duplex = toDuplex(mine.socket);
    void mine.socket.close();
    const failed = once(duplex, 'error');
    duplex.write('late');
    expect(await failed).toMatchObject([{ code: 'WS_SEND_AFTER_CLOSE' }]);

    const theirs = openHeld();
    const other = toDuplex(theirs.socket);
    theirs.transport.delivers(close(1000));
    await turn();
    const closed = once(other, 'error');
    other.write('late');
    expect(await closed).toMatchObject([{ code: 'WS_CLOSED' }]);
  });
});

describe('The end of a duplex', () => {
  it('closes with 1000, and waits until the connection has closed', async () => {
    const { socket, transport } = openHeld();
    const duplex = toDuplex(socket);
    const finished = once(duplex, 'finish');
    duplex.end();
    expect(await settled(finished)).toBe('pending');
    expect(readServer(transport.written)).toEqual([['close', 1000, '']]);
    transport.delivers(close(1000));
    transport.push(null);
    await finished;
    expect(socket.state).toBe('closed');
  });

  it('is told of to who only writes, when the peer closes', async () => {
    const [client, server] = connectionPair();
    const duplex = toDuplex(server);
    const closed = once(duplex, 'close');
    const source = new PassThrough();
    const piped = pipeline(source, duplex).catch((error: unknown) => error);
    await client.close();
    await closed;
    expect([duplex.readableEnded, duplex.errored]).toEqual([true, null]);
    source.destroy();
    await piped;
  });

  it('comes after what waited to be read', async () => {
    const { socket, transport } = openHeld();
    const duplex = toDuplex(socket);
    transport.delivers(Buffer.concat([text('one'), text('two'), text('three'), close(1000)]));
    transport.push(null);
    await socket.closed;
    await turn();
    expect(duplex.destroyed).toBe(false);
    expect(await buffer(duplex)).toEqual(Buffer.from('onetwothree'));
  });

  it('fails what waits for it if the peer is lost meanwhile', async () => {
    const { socket, transport } = openHeld();
    const piped = pipeline(Readable.from(['all']), toDuplex(socket)).catch((error) => error);
    await turn();
    transport.destroy();
    expect(await piped).toMatchObject({ code: 'WS_CLOSED_WITHOUT_HANDSHAKE' });
  });

  it('that is not clean destroys it with the error, though nobody reads or writes', async () => {
    const [client, server] = connectionPair();
    const duplex = toDuplex(server);
    const failed = once(duplex, 'error');
    client.destroy();
    const info = await server.closed;
    expect(info.error).toBeDefined();
    expect(await failed).toEqual([info.error]);
  });

  it('is a failure where the connection failed, whatever handshake followed', async () => {
    const schema = { message: () => ({ issues: [{ message: 'never' }] }) };
    const [client, server] = connectionPair({ schema });
    const read = buffer(toDuplex(server)).catch((error: unknown) => error);
    client.send('{}');
    expect(await client.closed).toMatchObject({ code: 1008 });
    expect(await read).toMatchObject({ code: 'WS_INVALID_MESSAGE' });
  });

  it('that is destroy() drops the connection, with the error', async () => {
    const { client, server } = await connectionsOverTcp();
    const duplex = toDuplex(server);
    const closed = new Promise((resolve) => duplex.on('close', () => resolve(server.state)));
    const failed = once(duplex, 'error');
    const error = new Error('enough');
    duplex.destroy(error);
    expect(await failed).toEqual([error]);
    expect(await closed).toBe('closed');
    expect((await server.closed).error).toBe(error);
    expect(await client.closed).toMatchObject({ code: 1006 });
  });

  it('is that of the connection when a loop is left', async () => {
    const [client, server] = connectionPair();
    client.send('one');
    for await (const chunk of toDuplex(server)) {
      expect(String(chunk)).toBe('one');
      break;
    }
    expect(await client.closed).toMatchObject({ wasClean: false });
  });
});

describe('A listener of a duplex that throws', () => {
  it('fails the stream, and drops the connection', async () => {
    const [client, server] = connectionPair();
    const error = new Error('in a listener');
    const duplex = toDuplex(server).on('data', () => {
      throw error;
    });
    client.send('one');
    expect(await once(duplex, 'error')).toEqual([error]);
    expect((await server.closed).error).toBe(error);
  });
});

describe('A duplex in a pipeline', () => {
  it('carries bytes there and back', async () => {
    const { client, server } = await connectionsOverTcp();
    const upper = new Transform({
      transform: (chunk, _encoding, done) => done(null, String(chunk).toUpperCase()),
    });
    const near = toDuplex(server);
    const served = pipeline(near, upper, near);
    const answers = toDuplex(client);
    answers.write('one ');
    answers.write(Buffer.from('two'));
    let read = '';
    for await (const chunk of answers) {
      read += chunk;
      if (read === 'ONE TWO') answers.end();
    }
    await served;
    expect(await client.closed).toMatchObject({ code: 1000, wasClean: true });
  });

  it('destroys the connection when the other stream fails', async () => {
    const [client, server] = connectionPair();
    const failing = new Transform({
      transform: (_chunk, _encoding, done) => done(new Error('no')),
    });
    const piped = pipeline(toDuplex(server), failing).catch((error: unknown) => error);
    client.send('one');
    expect(await piped).toMatchObject({ message: 'no' });
    expect(await client.closed).toMatchObject({ wasClean: false });
  });

  it('is the only consumer', () => {
    const { socket } = openHeld();
    toDuplex(socket).on('error', () => {});
    const code = expect.objectContaining({ code: 'WS_ALREADY_CONSUMED' });
    expect(() => toDuplex(socket)).toThrow(code);
  });
});
