import { WebSocket, type WebSocketInit } from 'undici';
import { expect } from 'vitest';
import { event } from './event.ts';
import { someBytes, someText } from './sizes.ts';

/** undici's client of an echo server, once it is open. */
export async function openUndici(url: string, init: WebSocketInit = {}): Promise<WebSocket> {
  const client = new WebSocket(url, init);
  client.binaryType = 'arraybuffer';
  await event(client, 'open');
  return client;
}

/** Sends `size` bytes as binary and as text, and expects both back. */
export async function expectEcho(client: WebSocket, size: number): Promise<void> {
  const bytes = someBytes(size);
  const text = someText(size);
  client.send(new Uint8Array(bytes));
  const binary = await event(client, 'message');
  client.send(text);
  const textual = await event(client, 'message');
  expect(bytes.equals(new Uint8Array(binary.data))).toBe(true);
  expect(textual.data === text).toBe(true);
}

/** Closes with 1000, and expects the server to do so, too. */
export async function expectCleanClose(client: WebSocket): Promise<void> {
  client.close(1000, 'done');
  expect(await event(client, 'close')).toMatchObject({ code: 1000, wasClean: true });
}
