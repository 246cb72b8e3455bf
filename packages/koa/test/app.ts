import { once } from 'node:events';
import { type AnyConnection, connect, HandshakeRefusedError, type Sockets } from '@heddle/node';
import { type HandshakeDescription, portOf, ScriptedPeer } from '@heddle/testing';
import type Koa from 'koa';
import { onTestFinished } from 'vitest';
import { type WebSocketOptions, websocket } from '../src/index.ts';

interface PlainAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** An application that runs, and ends with the test. */
export class Running {
  readonly sockets: Sockets;
  readonly port: number;

  /** Wires `app`, and has it listen. */
  static async start(app: Koa, options?: WebSocketOptions): Promise<Running> {
    const sockets = websocket(app, options);
    const server = app.listen(0, '127.0.0.1');
    onTestFinished(async () => {
      await sockets.close({ timeoutMs: 100 });
      server.close();
      server.closeAllConnections();
    });
    await once(server, 'listening');
    return new Running(sockets, portOf(server));
  }

  private constructor(sockets: Sockets, port: number) {
    this.sockets = sockets;
    this.port = port;
  }

  /** A client whose handshake was accepted. */
  connect(path: string, options: Parameters<typeof connect>[1] = {}) {
    return connect(`ws://127.0.0.1:${this.port}${path}`, options);
  }

  /** How a handshake is refused, which it must be. */
  async refusal(path: string, options: Parameters<typeof connect>[1] = {}) {
    const error = await this.connect(path, options).catch((thrown: unknown) => thrown);
    if (!(error instanceof HandshakeRefusedError)) throw new Error(`Not refused, but ${error}`);
    return { status: error.status, headers: error.headers, body: error.body.toString() };
  }

  /** The answer to a handshake as it came, and the peer that may go on. */
  async handshake(description: HandshakeDescription) {
    const peer = await ScriptedPeer.connect({ port: this.port });
    onTestFinished(() => peer.destroy());
    return { peer, response: await peer.handshake(description) };
  }

  /** The answer to a plain request. */
  async get(path: string, init: RequestInit = {}): Promise<PlainAnswer> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, init);
    const { status, headers } = response;
    return { status, headers, body: await response.text() };
  }
}

/** The next message of a connection of any kind. */
export async function nextMessage(socket: AnyConnection): Promise<unknown> {
  const [message] = await once(socket, 'message');
  return message;
}

/** An application that does not print the errors that a test makes. */
export function silent(Application: typeof Koa): Koa {
  const app = new Application();
  app.silent = true;
  return app;
}
