import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { contentOf, makeBatch } from '../../src/load/batch.ts';
import type { EchoWorkload } from '../../src/workload.ts';

function echo(of: Partial<EchoWorkload>): EchoWorkload {
  return {
    kind: 'echo',
    name: 'test',
    bytes: 16,
    connections: 1,
    depth: 1,
    payload: 'binary',
    ...of,
  };
}

describe('a batch', () => {
  it.each([0, 125, 126, 65_535, 65_536])(
    'holds frames of %i bytes that ws takes',
    async (bytes) => {
      const { request, answer } = makeBatch(echo({ bytes, depth: 3 }));
      const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      const received = new Promise<number[]>((resolve) => {
        server.on('connection', (socket) => {
          const sizes: number[] = [];
          socket.on('message', (data: Buffer) => {
            if (sizes.push(data.byteLength) === 3) resolve(sizes);
          });
        });
      });
      const client = new WebSocket(`ws://127.0.0.1:${address.port}`);
      client.on('open', () => rawSocket(client).write(request));
      expect(await received).toEqual([bytes, bytes, bytes]);
      expect(answer.byteLength).toBe(request.byteLength - 3 * 4);
      client.terminate();
      server.close();
    },
  );

  it('may have its messages in fragments, or compressed', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true });
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const received: Buffer[] = [];
    server.on('connection', (socket) =>
      socket.on('message', (data: Buffer) => received.push(data)),
    );
    const client = new WebSocket(`ws://127.0.0.1:${address.port}`);
    await once(client, 'open');
    rawSocket(client).write(makeBatch(echo({ bytes: 1_048_576, fragments: 1_000 })).request);
    rawSocket(client).write(makeBatch(echo({ bytes: 1_024, payload: 'deflated' })).request);
    rawSocket(client).write(makeBatch(echo({ bytes: 1_024, payload: 'non-ascii' })).request);
    await vi.waitUntil(() => received.length === 3);
    expect(received.map(({ length }) => length)).toEqual([1_048_576, 1_024, 1_024]);
    expect(received[1]).toEqual(contentOf('deflated', 1_024));
    client.terminate();
    server.close();
  });
});

/** ws has no public way to write bytes. */
function rawSocket(client: WebSocket): { write(bytes: Uint8Array): void } {
  return Reflect.get(client, '_socket');
}
