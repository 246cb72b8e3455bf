import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type Connection, runHandler } from '../../src/connection/connection.ts';
import { close, ping, text } from '../frames.ts';
import { clientAndPeer, openHeld, serverAndPeer } from '../open.ts';
import { sleep, turn, until } from '../turns.ts';
import { expectNothingUncaught } from '../uncaught.ts';

expectNothingUncaught();

/** Runs a handler as a route does, and resolves when it has settled. */
async function run(
  socket: Connection,
  handler: (socket: Connection) => Promise<void>,
): Promise<void> {
  await new Promise<void>((resolve) => {
    runHandler(socket, () => handler(socket).finally(resolve));
  });
}

describe('Nothing is lost before a listener', () => {
  it('that comes after the handler has awaited something', async () => {
    const { socket, peer } = await serverAndPeer();
    const messages: unknown[] = [];
    peer.sends(Buffer.concat([text('a'), text('b')]));
    const handled = run(socket, async () => {
      await sleep(30);
      socket.on('message', (message) => messages.push(message));
      await sleep(0);
    });
    await turn();
    peer.sends(text('c'));
    await handled;
    peer.sends(text('d'));
    await until(() => messages.length === 4, 'four messages');
    expect(messages).toEqual(['a', 'b', 'c', 'd']);
  });

  it('that is added with once, again and again, with other things between', async () => {
    const { socket, peer } = await serverAndPeer();
    const sent = Array.from({ length: 200 }, (_, index) => `${index}`);
    peer.sends(Buffer.concat(sent.map(text)));
    const messages: unknown[] = [];
    await run(socket, async () => {
      for (let index = 0; index < sent.length; index++) {
        messages.push(...(await once(socket, 'message')));
        if (index % 10 === 0) await sleep(1);
      }
    });
    expect(messages).toEqual(sent);
  });

  it('is true of a client, which has no handler', async () => {
    const { socket, peer } = await clientAndPeer();
    peer.sendsFrame({ opcode: 1, payload: 'welcome' });
    peer.sendsFrame({ opcode: 1, payload: 'news' });
    await sleep(20);
    expect(await once(socket, 'message')).toEqual(['welcome']);
    await sleep(20);
    expect(await once(socket, 'message')).toEqual(['news']);
  });

  it('although the peer has closed meanwhile', async () => {
    const { socket, peer } = await serverAndPeer();
    peer.sends(Buffer.concat([text('a'), text('b'), close(1000)]));
    peer.end();
    await socket.closed;
    const messages: unknown[] = [];
    socket.once('message', (message) => messages.push(message));
    await turn();
    for await (const message of socket) messages.push(message);
    expect(messages).toEqual(['a', 'b']);
  });

  it('although it is removed again', async () => {
    const { socket, transport } = openHeld();
    const listener = () => {
      throw new Error('it has been removed');
    };
    socket.on('message', listener);
    socket.off('message', listener);
    transport.delivers(text('a'));
    await turn();
    expect(await once(socket, 'message')).toEqual(['a']);
  });

  it('while it is held: pings are answered and the close frame, too', async () => {
    const { socket, peer } = await serverAndPeer();
    peer.sends(Buffer.concat([text('a'), ping('?')]));
    await peer.receives('8a 01 3f');
    peer.sends(close(4_000));
    await peer.receives('88 02 0f a0');
    expect(socket.state).toBe('closing');
  });

  it('and it waits within bounds: TCP holds the peer back, and later all comes', async () => {
    const { socket, peer, transport } = await serverAndPeer();
    const sent = Array.from({ length: 3_000 }, (_, index) => `${index}`.padEnd(10_000, '.'));
    peer.sends(Buffer.concat(sent.map(text)));
    await sleep(200);
    expect(socket.state).toBe('open');
    const read = transport.bytesRead;
    expect(read).toBeLessThan(2_000_000);
    await sleep(50);
    expect(transport.bytesRead).toBe(read);
    const messages: unknown[] = [];
    socket.on('message', (message) => messages.push(message));
    await until(() => messages.length === sent.length, 'all messages');
    expect(messages).toEqual(sent);
  });

  it('and many small ones that come in one read do not end the connection', async () => {
    const { socket, transport } = openHeld({ limits: { maxMessageBytes: 100 } });
    transport.delivers(Buffer.concat(Array.from({ length: 9_000 }, () => text('a'))));
    await turn();
    expect(socket.state).toBe('open');
    let messages = 0;
    socket.on('message', () => messages++);
    await turn();
    expect(messages).toBe(9_000);
  });
});

describe('A handler that has settled', () => {
  it('without a listener: messages are dropped, and the connection is alive', async () => {
    const { socket, peer } = await serverAndPeer();
    peer.sends(text('dropped'));
    await run(socket, async () => {});
    for (let index = 0; index < 200; index++) peer.sends(text('dropped, too'));
    peer.sends(ping('?'));
    await peer.receives('8a 01 3f');
    const late = once(socket, 'message');
    peer.sends(text('heard'));
    expect(await late).toEqual(['heard']);
  });

  it('and was not asynchronous is the same', async () => {
    const { socket, transport } = openHeld();
    runHandler(socket, () => undefined);
    transport.delivers(text('dropped'));
    await turn();
    const late = once(socket, 'message');
    transport.delivers(text('heard'));
    expect(await late).toEqual(['heard']);
  });

  it('after its loop was left: messages are dropped', async () => {
    const { socket, peer } = await serverAndPeer();
    peer.sends(Buffer.concat([text('a'), text('b'), text('dropped')]));
    await run(socket, async () => {
      for await (const message of socket) if (message === 'b') break;
    });
    await turn();
    const late = once(socket, 'message');
    peer.sends(text('heard'));
    expect(await late).toEqual(['heard']);
  });
});

describe('A loop that is left', () => {
  it('holds the connection for a listener, and for another loop', async () => {
    const { socket, peer } = await serverAndPeer();
    peer.sends(Buffer.concat(['a', 'b', 'c', 'd', 'e'].map(text)));
    const messages: unknown[] = [];
    await run(socket, async () => {
      for await (const message of socket) {
        messages.push(message);
        if (message === 'b') break;
      }
      await sleep(10);
      messages.push(...(await once(socket, 'message')));
      await sleep(10);
      for await (const message of socket) {
        messages.push(message);
        if (message === 'e') break;
      }
    });
    expect(messages).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(socket.state).toBe('open');
  });

  it('by a throw does the same', async () => {
    const { socket, transport } = openHeld();
    transport.delivers(Buffer.concat([text('a'), text('b')]));
    const loop = async () => {
      for await (const message of socket) throw new Error(`${message}`);
    };
    await expect(loop()).rejects.toThrow('a');
    expect(await once(socket, 'message')).toEqual(['b']);
  });
});

describe('The loop over a connection', () => {
  it.each([
    ['closes', (socket: Connection) => void socket.close()],
    ['destroys', (socket: Connection) => socket.destroy()],
  ])('ends when its body %s it, without another message', async (_, ends) => {
    const { socket, transport } = openHeld();
    transport.delivers(Buffer.concat([text('a'), text('b')]));
    const messages: unknown[] = [];
    for await (const message of socket) {
      messages.push(message);
      ends(socket);
      transport.delivers(Buffer.concat([text('c'), close(1000)]));
      transport.push(null);
    }
    expect(messages).toEqual(['a']);
  });

  it('ends when the peer closes and when the connection is reset', async () => {
    const [first, second] = [await serverAndPeer(), await serverAndPeer()];
    first.peer.sends(Buffer.concat([text('a'), close(1000)]));
    first.peer.end();
    second.peer.sends(text('a'));
    for (const { socket, peer } of [first, second]) {
      const messages: unknown[] = [];
      for await (const message of socket) {
        messages.push(message);
        if (socket === second.socket) peer.reset();
      }
      expect(messages).toEqual(['a']);
    }
    expect((await first.socket.closed).wasClean).toBe(true);
    expect((await second.socket.closed).error).toMatchObject({ code: 'ECONNRESET' });
  });
});
