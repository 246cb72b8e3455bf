import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { connectionPair } from '../../src/connection/connection-pair.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** The members of a connection; what each does is tested where it is written. */
describe('A connection', () => {
  it('is a Duplex', async () => {
    const [client, server] = connectionPair();
    server.toDuplex({ objectMode: true }).on('data', function (this: NodeJS.WritableStream, data) {
      this.write(`${data}!`);
    });
    client.send('text');
    expect(await once(client, 'message')).toEqual(['text!']);
    await client.close();
  });

  it('has the shape of WebSocketStream', async () => {
    const [client, server] = connectionPair();
    const { readable, writable } = await server.toWeb().opened;
    const echoed = readable.pipeTo(writable);
    client.send('text');
    expect(await once(client, 'message')).toEqual(['text']);
    await client.close();
    await echoed.catch(() => {});
  });

  it('consumes its messages, and closes with 1011 where that fails', async () => {
    const errors: unknown[] = [];
    const [client, server] = connectionPair({ onError: (error) => errors.push(error) });
    void server.consume((message) => {
      if (message === 'fail') throw new Error('broken');
      return message;
    });
    client.send('text');
    expect(await once(client, 'message')).toEqual(['text']);
    client.send('fail');
    expect(await client.closed).toMatchObject({ code: 1011 });
    expect(errors).toMatchObject([{ message: 'broken' }]);
  });

  it('is disposed of by closing it with 1000', async () => {
    const [client, server] = connectionPair();
    await client[Symbol.asyncDispose]();
    expect(await server.closed).toMatchObject({ code: 1000, wasClean: true });
  });
});
