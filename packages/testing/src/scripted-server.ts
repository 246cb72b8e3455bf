import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { type Deferred, deferred } from './deferred.ts';
import { ScriptedPeer } from './scripted-peer.ts';

export interface ScriptedServerOptions {
  /** Speak TLS, with these options of `tls.createServer`: `selfSignedCertificate()` has what it needs. */
  readonly tls?: TlsOptions;
  /**
   * How long a peer waits for what should come, in milliseconds.
   * @default 5_000
   */
  readonly timeoutMs?: number;
}

/** A server on 127.0.0.1 whose every byte a test decides: for whatever has to connect to one. */
export class ScriptedServer {
  readonly port: number;
  readonly #server: Server;
  readonly #timeoutMs: number;
  readonly #sockets = new Set<Socket>();
  readonly #peers: ScriptedPeer[] = [];
  readonly #waiting: Deferred<ScriptedPeer>[] = [];

  static async listen(options: ScriptedServerOptions = {}): Promise<ScriptedServer> {
    const { tls, timeoutMs = 5_000 } = options;
    const halfOpen = { allowHalfOpen: true, noDelay: true };
    const server =
      tls === undefined ? createTcpServer(halfOpen) : createTlsServer({ ...halfOpen, ...tls });
    const listening = deferred<void>();
    server.once('error', listening.reject);
    server.listen(0, '127.0.0.1', () => listening.resolve());
    await listening.promise;
    return new ScriptedServer(server, tls !== undefined, timeoutMs);
  }

  private constructor(server: Server, secure: boolean, timeoutMs: number) {
    this.#server = server;
    this.#timeoutMs = timeoutMs;
    this.port = portOf(server);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    // A client that refuses our certificate is the test's subject, not our failure.
    server.on('tlsClientError', () => {});
    server.on(secure ? 'secureConnection' : 'connection', (socket: Socket) => this.#add(socket));
  }

  /** The next client, as it connects; the others wait their turn. */
  peer(): Promise<ScriptedPeer> {
    const peer = this.#peers.shift();
    if (peer !== undefined) return Promise.resolve(peer);
    const waiting = deferred<ScriptedPeer>();
    this.#waiting.push(waiting);
    const timer = setTimeout(() => {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.reject(new Error(`No client came within ${this.#timeoutMs} ms`));
    }, this.#timeoutMs);
    return waiting.promise.finally(() => clearTimeout(timer));
  }

  /** Drops every client and stops listening. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #add(socket: Socket): void {
    const peer = new ScriptedPeer(socket, { role: 'server', timeoutMs: this.#timeoutMs });
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#peers.push(peer);
    else waiting.resolve(peer);
  }
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}
