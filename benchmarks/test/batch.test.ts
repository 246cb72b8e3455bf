import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { makeBatch } from '../src/batch.ts';

describe('a batch', () => {
  it.each([0, 125, 126, 65_535, 65_536])(
    'holds frames of %i bytes that ws takes',
    async (bytes) => {
      const { request, answer } = makeBatch(bytes, 3);
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
});

/** ws has no public way to write bytes. */
function rawSocket(client: WebSocket): { write(bytes: Uint8Array): void } {
  return Reflect.get(client, '_socket');
}
