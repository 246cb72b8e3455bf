import type { Server, Socket } from 'node:net';
import { expect } from 'vitest';
import { type Client, type ClientOptions, openClient } from '../client.ts';
import type { DialOptions } from '../dial.ts';
import type { HandshakeDescription } from '../handshake.ts';
import type { HttpResponse } from '../http-message.ts';
import { ScriptedPeer } from '../scripted-peer.ts';
import { portOf } from '../scripted-server.ts';
import type { AppReports } from './contract-case.ts';
import { eventually } from './eventually.ts';
import type { RunningApp } from './harness.ts';

/** How long an application may take to end that has no clients any more. */
const STOP_TIMEOUT_MS = 4_000;

/** An application that runs, and all that a case does to it from outside. */
export class AppUnderTest {
  /** What `onError` was called with. */
  readonly errors: readonly unknown[];
  /** The status of each response, as the application's access log has it. */
  readonly statuses: readonly number[];
  readonly #running: RunningApp;
  readonly #tls: DialOptions['tls'];
  readonly #peers: { destroy(): void }[] = [];
  readonly #sockets = new Set<Socket>();
  #closed: Promise<void> | undefined;
  #abandoned = 0;

  constructor(running: RunningApp, reports: AppReports, certificate: string | undefined) {
    this.#running = running;
    this.errors = reports.errors;
    this.statuses = reports.statuses;
    this.#tls = certificate === undefined ? undefined : { ca: certificate };
    for (const server of running.servers) {
      server.on('connection', (socket: Socket) => {
        this.#sockets.add(socket);
        socket.on('close', () => this.#sockets.delete(socket));
      });
    }
  }

  /** The server, of which most applications have one. */
  server(index = 0): Server {
    const server = this.#running.servers[index];
    if (server === undefined) throw new Error(`The harness started no server ${index + 1}`);
    return server;
  }

  /** How many TCP connections the servers hold. */
  async connections(): Promise<number> {
    const counts = this.#running.servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.getConnections((error, count) =>
            error === null ? resolve(count) : reject(error),
          );
        }),
    );
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** Passes once the servers hold no connection any more. */
  async holdsNoConnection(): Promise<void> {
    await eventually(() => this.connections(), 0);
  }

  /** A peer that is connected and has said nothing yet. */
  async peer(server = 0): Promise<ScriptedPeer> {
    const peer = await ScriptedPeer.connect(this.#address(server));
    this.#peers.push(peer);
    return peer;
  }

  /** A client whose handshake was accepted. */
  async client(path: string, options: Partial<ClientOptions> = {}, server = 0): Promise<Client> {
    const client = await openClient({ ...this.#address(server), path, ...options });
    this.#peers.push(client);
    return client;
  }

  /** A peer whose handshake was accepted, which does nothing more by itself. */
  async opened(path: string, options: Partial<HandshakeDescription> = {}): Promise<ScriptedPeer> {
    const peer = await this.peer();
    const response = await peer.handshake({ path, ...options });
    expect(response.status, response.body).toBe(101);
    return peer;
  }

  /** The answer to a handshake on a connection of its own, whatever it is. */
  async handshake(description: HandshakeDescription): Promise<HttpResponse> {
    return await (await this.peer()).handshake(description);
  }

  /**
   * The answer to a handshake that must be refused: a whole response, after which the server ends
   * the connection, and says so. (After a refused upgrade nobody knows what the client speaks.)
   */
  async refusal(description: HandshakeDescription): Promise<HttpResponse> {
    const peer = await this.peer();
    const response = await peer.handshake(description);
    expect(response.status).not.toBe(101);
    expect(tokensOf(response, 'Connection')).toContain('close');
    expect(tokensOf(response, 'Connection')).not.toContain('keep-alive');
    await peer.receivesEnd();
    return response;
  }

  /** The answer to a plain GET on a connection of its own. */
  async get(path: string, headers: HandshakeDescription['headers'] = {}): Promise<HttpResponse> {
    const peer = await this.peer();
    return await peer.request({ path, headers: { Connection: 'close', ...headers } });
  }

  /** Ends the application as its owner would. */
  close(): Promise<void> {
    this.#closed ??= this.#running.close();
    return this.#closed;
  }

  /** Ends it when the case is over: the clients first, so that nobody must be waited for. */
  async stop(): Promise<void> {
    for (const peer of this.#peers) peer.destroy();
    const timer = setTimeout(() => this.#abandon(), STOP_TIMEOUT_MS);
    await this.close();
    clearTimeout(timer);
    if (this.#abandoned === 0) return;
    const held = `${this.#abandoned} connections of clients that are gone`;
    throw new Error(`The application did not end within ${STOP_TIMEOUT_MS} ms: it held ${held}`);
  }

  /** Lets an application end that would wait for ever. */
  #abandon(): void {
    this.#abandoned = this.#sockets.size;
    for (const socket of this.#sockets) socket.destroy();
  }

  #address(server: number): DialOptions {
    const port = portOf(this.server(server));
    return this.#tls === undefined ? { port } : { port, tls: this.#tls };
  }
}

/** A field that is a list of tokens, in lower case. */
export function tokensOf(response: HttpResponse, name: string): string[] {
  const value = response.header(name) ?? '';
  return value.split(',').map((token) => token.trim().toLowerCase());
}
