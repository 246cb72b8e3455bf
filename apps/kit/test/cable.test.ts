import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { layCable } from '../src/testing/cable.ts';

describe('a cable', () => {
  it('carries what both sides say', async () => {
    const { cable } = await lay();
    const client = await plugIn(cable.port);
    client.write('hello');
    expect(String(await once(client, 'data'))).toBe('HELLO');
  });

  it('can lose what the server says, and none of what clients say', async () => {
    const { cable, heard } = await lay();
    const client = await plugIn(cable.port);
    const answers: string[] = [];
    client.on('data', (bytes) => answers.push(String(bytes)));
    cable.loseAnswers();
    client.write('hello');
    await expect.poll(() => heard).toEqual(['hello']);
    // Longer than an answer takes that is not lost.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answers).toEqual([]);
  });

  it('can be cut, and works again for whoever comes back', async () => {
    const { cable } = await lay();
    const client = await plugIn(cable.port);
    client.write('hello');
    await once(client, 'data');
    cable.loseAnswers();
    cable.cut();
    await expect(once(client, 'close')).rejects.toMatchObject({ code: 'ECONNRESET' });
    const again = await plugIn(cable.port);
    again.write('still there?');
    expect(String(await once(again, 'data'))).toBe('STILL THERE?');
  });
});

/** A cable to a server that says in capitals what it hears. */
async function lay() {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      heard.push(String(bytes));
      socket.write(String(bytes).toUpperCase());
    });
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return { cable: await layCable(port), heard };
}

async function plugIn(port: number): Promise<Socket> {
  const client = connect(port, '127.0.0.1');
  onTestFinished(() => void client.destroy());
  await once(client, 'connect');
  return client;
}
