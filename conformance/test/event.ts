import type { WebSocket } from 'undici';

/** The next event of this type; rejects if the connection breaks before it. */
export function event<K extends keyof WebSocketEvents>(
  client: WebSocket,
  type: K,
): Promise<WebSocketEvents[K]> {
  return new Promise((resolve, reject) => {
    client.addEventListener(type, (event) => resolve(event as WebSocketEvents[K]), { once: true });
    client.addEventListener('error', () => reject(new Error(`no ${type}`)), { once: true });
  });
}

interface WebSocketEvents {
  open: Event;
  message: { readonly data: string & ArrayBuffer };
  close: { readonly code: number; readonly wasClean: boolean };
}
