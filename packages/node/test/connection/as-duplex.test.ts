import { createInterface } from 'node:readline';
import { PassThrough, Readable, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { connectionPair } from '../../src/connection/connection-pair.ts';
import { connectionsOverTcp } from '../open.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

describe('A connection as a Duplex', () => {
  it('is read as bytes, message after message, to a clean end', async () => {
    const [client, server] = connectionPair();
    const duplex = server.toDuplex();
    for (const message of ['a', '', 'é', Buffer.from([0, 1])]) client.send(message);
    void client.close();
    expect(await buffer(duplex)).toEqual(Buffer.from('aé\0\x01'));
  });

  it('is read as messages in object mode, empty ones too', async () => {
    const [client, server] = connectionPair();
    const messages: unknown[] = [];
    for (const message of ['a', '', Buffer.from([0])]) client.send(message);
    void client.close();
    for await (const message of server.toDuplex({ objectMode: true })) messages.push(message);
    expect(messages).toEqual(['a', '', Buffer.from([0])]);
  });

  it('writes strings as text and bytes as binary, and closes with 1000 when it is ended', async () => {
    const [client, server] = connectionPair();
    const received: unknown[] = [];
    client.on('message', (message) => received.push(message));
    const duplex = server.toDuplex();
    duplex.write('text');
    duplex.end(Buffer.from([1]));
    expect(await client.closed).toMatchObject({ code: 1000, wasClean: true });
    expect(received).toEqual(['text', Buffer.from([1])]);
  });

  it('goes through a pipeline in both directions', async () => {
    const [client, server] = connectionPair();
    const upper = new Transform({
      transform: (chunk, _encoding, done) => done(null, String(chunk).toUpperCase()),
    });
    const served = pipeline(server.toDuplex(), upper, new PassThrough(), async (source) => {
      const texts: string[] = [];
      for await (const chunk of source) texts.push(String(chunk));
      return texts.join('');
    });
    await pipeline(Readable.from(['one ', 'two ', 'three']), client.toDuplex());
    expect(await served).toBe('ONE TWO THREE');
  });

  it('is read line by line', async () => {
    const [client, server] = connectionPair();
    client.send('first\nsec');
    client.send('ond\n');
    void client.close();
    const lines: string[] = [];
    for await (const line of createInterface({ input: server.toDuplex() })) lines.push(line);
    expect(lines).toEqual(['first', 'second']);
  });

  it('has TCP hold the peer back while nobody reads', async () => {
    const { client, server } = await connectionsOverTcp({
      client: { limits: { maxBufferedBytes: 2 ** 27 } },
    });
    const duplex = server.toDuplex();
    duplex.once('readable', () => {});
    for (let count = 0; count < 64; count++) client.send(Buffer.alloc(2 ** 20));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.bufferedBytes).toBeGreaterThan(2 ** 25);
    let received = 0;
    for await (const chunk of duplex) {
      received += chunk.length;
      if (received === 64 * 2 ** 20) break;
    }
    expect(received).toBe(64 * 2 ** 20);
  });

  it('has its writer wait for a peer that does not read', async () => {
    const { client, server } = await connectionsOverTcp();
    client.pause();
    const duplex = server.toDuplex();
    let written = 0;
    const source = Readable.from(
      (function* () {
        for (; written < 200; written++) yield Buffer.alloc(2 ** 18);
      })(),
    );
    const piped = pipeline(source, duplex);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(written).toBeLessThan(100);
    let received = 0;
    client.on('message', ({ length }) => {
      received += length;
    });
    client.resume();
    await piped;
    expect(received).toBe(200 * 2 ** 18);
  });

  it('is destroyed by an end that is not clean, with its error', async () => {
    const [client, server] = connectionPair();
    const duplex = server.toDuplex();
    client.destroy();
    await expect(buffer(duplex)).rejects.toMatchObject({ code: 'WS_CLOSED_WITHOUT_HANDSHAKE' });
    await expect(pipeline(Readable.from(['late']), duplex)).rejects.toThrow();
  });

  it('destroys the connection when it is destroyed', async () => {
    const [client, server] = connectionPair();
    const duplex = server.toDuplex();
    duplex.on('error', () => {});
    duplex.destroy(new Error('enough'));
    expect(await server.closed).toMatchObject({ error: { message: 'enough' } });
    expect(await client.closed).toMatchObject({ wasClean: false });
  });

  it('takes the messages, as one consumer', () => {
    const [client, server] = connectionPair();
    server.toDuplex().on('error', () => {});
    expect(() => server.toDuplex()).toThrow(
      expect.objectContaining({ code: 'WS_ALREADY_CONSUMED' }),
    );
    void client.close();
  });
});
