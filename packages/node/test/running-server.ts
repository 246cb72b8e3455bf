import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import {
  type Client,
  type ClientOptions,
  openClient,
  portOf,
  ScriptedPeer,
  type SelfSignedCertificate,
} from '@heddle/testing';
import { onTestFinished } from 'vitest';
import type { Sockets } from '../src/server/sockets.ts';

export interface RunningServerOptions {
  readonly tls?: SelfSignedCertificate;
  /** Who answers plain requests. */
  readonly listener?: RequestListener;
}

/** A server on a port of its own, which ends with the test. */
export class RunningServer {
  readonly server: Server;
  readonly sockets: Sockets;
  readonly port: number;
  readonly #tls: SelfSignedCertificate | undefined;

  /** `wire` gives the server what is tested. */
  static async start(
    wire: (server: Server) => Sockets,
    { tls, listener }: RunningServerOptions = {},
  ): Promise<RunningServer> {
    const server = tls === undefined ? createServer() : createSecureServer(tls);
    if (listener !== undefined) server.on('request', listener);
    const sockets = wire(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const running = new RunningServer(server, sockets, tls);
    onTestFinished(() => running.#stop());
    return running;
  }

  private constructor(server: Server, sockets: Sockets, tls: SelfSignedCertificate | undefined) {
    this.server = server;
    this.sockets = sockets;
    this.port = portOf(server);
    this.#tls = tls;
  }

  /** A peer that does what it is told; it is dropped with the test. */
  async peer(): Promise<ScriptedPeer> {
    const peer = await ScriptedPeer.connect({ port: this.port, ...this.#dial });
    onTestFinished(() => peer.destroy());
    return peer;
  }

  /** A client whose handshake was accepted. */
  async client(path: string, options: Partial<ClientOptions> = {}): Promise<Client> {
    const client = await openClient({ port: this.port, path, ...this.#dial, ...options });
    onTestFinished(() => client.destroy());
    return client;
  }

  /** How many TCP connections the server has. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.getConnections((error, count) =>
        error === null ? resolve(count) : reject(error),
      );
    });
  }

  get #dial() {
    return this.#tls === undefined ? {} : { tls: { ca: this.#tls.cert } };
  }

  async #stop(): Promise<void> {
    this.sockets.detach();
    await this.sockets.close({ timeoutMs: 0 });
    this.server.close();
    this.server.closeAllConnections();
  }
}
