import type { Server } from 'node:net';
import type { Client, ClientOptions } from '../client.ts';
import type { DialOptions } from '../dial.ts';
import type { HandshakeDescription } from '../handshake.ts';
import type { HttpResponse } from '../http-message.ts';
import type { ScriptedPeer } from '../scripted-peer.ts';
import { portOf } from '../scripted-server.ts';
import type { ScriptedSession } from '../scripted-session.ts';
import type { ScriptedStream } from '../scripted-stream.ts';
import type { Attempt, ContractClients } from './clients.ts';
import type { AppReports } from './contract-case.ts';
import { eventually } from './eventually.ts';
import type { ContractApp, ContractHarness, RunningApp } from './harness.ts';
import { Http1Clients } from './http1-clients.ts';
import { Http2Clients } from './http2-clients.ts';
import { ServerWatch } from './server-watch.ts';

/** How long an application may take to end that has no clients any more. */
const STOP_TIMEOUT_MS = 4_000;

/** An application that runs, and all that a case does to it from outside. */
export class AppUnderTest {
  /** What `onError` was called with. */
  readonly errors: readonly unknown[];
  /** The status of each response, as the application's access log has it. */
  readonly statuses: readonly number[];
  readonly #running: RunningApp;
  readonly #app: ContractApp;
  readonly #http1 = new Http1Clients();
  readonly #http2 = new Http2Clients();
  /** What handshakes are made with, and what plain requests are. */
  readonly #clients: ContractClients;
  readonly #browsers: ContractClients;
  readonly #watch: ServerWatch;
  #closed: Promise<void> | undefined;

  static async start(
    harness: ContractHarness,
    app: ContractApp,
    reports: AppReports,
  ): Promise<AppUnderTest> {
    const plain = harness.plainOverHttp1 === undefined ? app.http : 1;
    return new AppUnderTest(await harness.start(app), { app, reports, plain });
  }

  private constructor(running: RunningApp, { app, reports, plain }: Description) {
    this.#running = running;
    this.#app = app;
    this.errors = reports.errors;
    this.statuses = reports.statuses;
    this.#clients = app.http === 2 ? this.#http2 : this.#http1;
    this.#browsers = plain === 2 ? this.#http2 : this.#http1;
    this.#watch = new ServerWatch(running.servers);
  }

  /** Whether its clients speak TLS. */
  get encrypted(): boolean {
    return this.#app.tls !== undefined;
  }

  /** The server, of which most applications have one. */
  server(index = 0): Server {
    const server = this.#running.servers[index];
    if (server === undefined) throw new Error(`The harness started no server ${index + 1}`);
    return server;
  }

  /** How many TCP connections the servers hold. */
  connections(): Promise<number> {
    return this.#watch.connections();
  }

  /**
   * Passes once the servers hold no connection any more. A connection of HTTP/2 outlives what it
   * carried, so there it is the streams that must be gone before its client ends it.
   */
  async holdsNoConnection(): Promise<void> {
    await eventually(() => this.#watch.streams, 0);
    this.#clients.hangUp();
    await eventually(() => this.connections(), 0);
  }

  /** A peer that speaks HTTP/1.1, is connected, and has said nothing yet. */
  peer(): Promise<ScriptedPeer> {
    return this.#http1.peer(this.#address());
  }

  /** A connection of HTTP/2 that carries nothing yet. */
  session(): Promise<ScriptedSession> {
    return this.#http2.session(this.#address());
  }

  /** A client whose handshake was accepted. */
  client(path: string, options: Partial<ClientOptions> = {}, server = 0): Promise<Client> {
    return this.#clients.open({ ...this.#address(server), path, ...options });
  }

  /** A handshake that has been sent. */
  attempt(description: HandshakeDescription): Promise<Attempt> {
    return this.#clients.attempt(this.#address(), description);
  }

  /** A peer whose handshake was accepted, which does nothing more by itself. */
  async opened(path: string, options: Partial<HandshakeDescription> = {}): Promise<ScriptedStream> {
    const { peer, response } = await this.attempt({ path, ...options });
    this.expectAccepted(await response);
    return peer;
  }

  /** The answer to a handshake on a connection of its own, whatever it is. */
  async handshake(description: HandshakeDescription): Promise<HttpResponse> {
    return await (await this.attempt(description)).response;
  }

  /** Whether a response accepts its handshake. */
  accepts(response: HttpResponse | undefined): boolean {
    return response !== undefined && this.#clients.accepts(response);
  }

  /** Passes if a response accepts its handshake, and has nothing in it that it must not have. */
  expectAccepted(response: HttpResponse): void {
    this.#clients.expectAccepted(response);
  }

  /** The answer to a handshake that must be refused: a whole response. */
  async refusal(description: HandshakeDescription): Promise<HttpResponse> {
    const attempt = await this.attempt(description);
    const response = await attempt.response;
    const closing = this.#closed !== undefined;
    await this.#clients.expectRefused({ ...attempt, closing }, response);
    attempt.peer.end();
    return response;
  }

  /** The answer to a plain GET on a connection of its own. */
  get(path: string, headers: HandshakeDescription['headers'] = {}): Promise<HttpResponse> {
    return this.request({ path, headers });
  }

  /** The answer to a plain request on a connection of its own. */
  request(description: HandshakeDescription): Promise<HttpResponse> {
    return this.#browsers.request(this.#address(), description);
  }

  /** Ends the application as its owner would. */
  close(): Promise<void> {
    this.#closed ??= this.#running.close();
    return this.#closed;
  }

  /** Ends it when the case is over: the clients first, so that nobody must be waited for. */
  async stop(): Promise<void> {
    this.#http1.destroy();
    this.#http2.destroy();
    let abandoned = 0;
    // An application that would wait for ever is let go.
    const abandon = () => {
      abandoned = this.#watch.abandon();
    };
    const timer = setTimeout(abandon, STOP_TIMEOUT_MS);
    await this.close();
    clearTimeout(timer);
    if (abandoned === 0) return;
    const held = `${abandoned} connections of clients that are gone`;
    throw new Error(`The application did not end within ${STOP_TIMEOUT_MS} ms: it held ${held}`);
  }

  #address(server = 0): DialOptions {
    const { tls } = this.#app;
    const port = portOf(this.server(server));
    return tls === undefined ? { port } : { port, tls: { ca: tls.cert } };
  }
}

interface Description {
  readonly app: ContractApp;
  readonly reports: AppReports;
  /** The version that plain requests are made with. */
  readonly plain: 1 | 2;
}
