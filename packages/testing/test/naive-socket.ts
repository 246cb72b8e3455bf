import { EventEmitter } from 'node:events';
import type { RawData, WebSocket } from 'ws';
import type { ContractApp, ContractSocket, PlainUpgrade } from '../src/contract/index.ts';

/** Has the route's handler have a socket of ws. */
export function serve(
  app: ContractApp,
  { route, described }: PlainUpgrade,
  socket: WebSocket,
): void {
  socket.on('error', () => {});
  new Promise((resolve) => resolve(route.ws?.(new NaiveSocket(socket), described))).catch(
    app.onError,
  );
}

class NaiveSocket extends EventEmitter implements ContractSocket {
  readonly closed: ContractSocket['closed'];
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    super({ captureRejections: true });
    this.on('error', () => {});
    this.#socket = socket;
    socket.on('message', (data: RawData, binary: boolean) => {
      try {
        this.emit('message', binary ? data : String(data));
      } catch {
        // Swallowed, as by most.
      }
    });
    this.closed = new Promise((resolve) =>
      socket.on('close', (code) => resolve({ code, wasClean: code !== 1006 })),
    );
  }

  get subprotocol(): string | undefined {
    return this.#socket.protocol;
  }

  send(message: string | Uint8Array): boolean {
    this.#socket.send(message);
    return true;
  }

  close(code?: number, reason?: string): Promise<unknown> {
    this.#socket.close(code, reason);
    return this.closed;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array> {
    const messages: (string | Uint8Array)[] = [];
    this.on('message', (message) => messages.push(message));
    for (;;) {
      const message = messages.shift();
      if (message !== undefined) yield message;
      else if (this.#socket.readyState > 1) return;
      else await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}
