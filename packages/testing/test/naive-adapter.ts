import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import {
  type ContractApp,
  type ContractHarness,
  type ContractSocket,
  listen,
  PlainFramework,
  type PlainUpgrade,
  stopListening,
} from '../src/contract/index.ts';

/**
 * An adapter as they are usually written around `ws`: it runs the framework on the upgrade request,
 * then has `ws` write the 101 past it. The contract must tell what that costs.
 */
export const naiveAdapter: ContractHarness = {
  async start(app) {
    const sockets = new WebSocketServer({
      noServer: true,
      maxPayload: app.options.limits?.maxMessageBytes ?? 2 ** 20,
    });
    const heads = new WeakMap<IncomingMessage, Buffer>();
    const framework = new PlainFramework(
      app,
      (request) => heads.has(request),
      (upgrade) => {
        const head = heads.get(upgrade.request) ?? Buffer.alloc(0);
        upgrade.response.detachSocket(upgrade.request.socket);
        sockets.handleUpgrade(upgrade.request, upgrade.request.socket, head, (socket) =>
          serve(app, upgrade, socket),
        );
      },
    );
    const servers = await listen(app, framework.dispatch);
    for (const server of servers) {
      server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
        if (!(stream instanceof Socket)) return;
        // Without this a client that resets would end the process, and with it these tests.
        stream.on('error', () => stream.destroy());
        heads.set(request, head);
        const response = new ServerResponse(request);
        try {
          response.assignSocket(stream);
        } catch {
          // An earlier request is not answered yet; it would end the process, and these tests.
          stream.destroy();
          return;
        }
        response.on('finish', () => stream.destroySoon());
        framework.dispatch(request, response);
      });
    }
    return {
      servers,
      close: async () => {
        for (const socket of sockets.clients) socket.terminate();
        await stopListening(servers);
      },
    };
  },
};

function serve(app: ContractApp, { route, described }: PlainUpgrade, socket: WebSocket): void {
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
