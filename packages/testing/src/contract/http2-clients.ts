import { constants } from 'node:http2';
import { expect } from 'vitest';
import { type Client, type ClientOptions, openClientOn } from '../client.ts';
import type { DialOptions } from '../dial.ts';
import type { HandshakeDescription } from '../handshake.ts';
import type { HttpResponse } from '../http-message.ts';
import { Http2Peer } from '../http2-peer.ts';
import { ScriptedSession } from '../scripted-session.ts';
import {
  ABSENT_WHEN_ACCEPTED,
  type Attempt,
  type ContractClients,
  type RefusedAttempt,
} from './clients.ts';
import { eventually } from './eventually.ts';

/** RFC 9113 §8.2.2: an endpoint must not send these over HTTP/2. */
const CONNECTION_SPECIFIC: readonly string[] = [
  'Connection',
  'Keep-Alive',
  'Proxy-Connection',
  'Transfer-Encoding',
  'Upgrade',
];

/** How soon a refused stream must be closed, in milliseconds: not by a deadline. */
const CLOSES_WITHIN_MS = 800;

/** Clients that have a stream of HTTP/2, RFC 8441. */
export class Http2Clients implements ContractClients {
  readonly #sessions: ScriptedSession[] = [];

  /** A TCP connection that has seen the server's settings, and carries nothing yet. */
  async session(address: DialOptions): Promise<ScriptedSession> {
    const session = await ScriptedSession.connect(address);
    this.#sessions.push(session);
    return session;
  }

  async attempt(address: DialOptions, description: HandshakeDescription): Promise<Attempt> {
    const session = await this.session(address);
    const peer = session.handshake(description);
    const response = peer.receivesResponse();
    // A case may not care what becomes of it.
    response.catch(() => {});
    return { peer, response };
  }

  async open(options: ClientOptions): Promise<Client> {
    return await openClientOn(await this.session(options), options);
  }

  async request(address: DialOptions, description: HandshakeDescription): Promise<HttpResponse> {
    const response = await (await this.session(address)).request(description);
    expectNoConnectionFields(response);
    return response;
  }

  /** RFC 9113 §8.5: "any 2xx (Successful) response". */
  accepts({ status }: HttpResponse): boolean {
    return status >= 200 && status < 300;
  }

  /** RFC 8441 §5: 200, and none of the fields with which HTTP/1.1 changes its protocol. */
  expectAccepted(response: HttpResponse): void {
    expect(response.status, response.body).toBe(200);
    expectNoConnectionFields(response);
    for (const name of ['Sec-WebSocket-Accept', ...ABSENT_WHEN_ACCEPTED]) {
      expect(response.header(name), name).toBeUndefined();
    }
  }

  /** The server ends the stream with it, without an error; the TCP connection goes on. */
  async expectRefused({ peer, closing }: RefusedAttempt, response: HttpResponse): Promise<void> {
    expect(this.accepts(response), `the status ${response.status}`).toBe(false);
    expectNoConnectionFields(response);
    expect(response.header('Sec-WebSocket-Accept')).toBeUndefined();
    await peer.receivesEnd();
    if (!(peer instanceof Http2Peer)) return;
    // RFC 9113 §8.1: with NO_ERROR it asks the client to send no more, and takes nothing back. The
    // client has not ended its half: without this it would have to hold the stream until it does.
    await eventually(() => peer.closed, true, CLOSES_WITHIN_MS);
    expect(peer.resetCode).toBe(constants.NGHTTP2_NO_ERROR);
    if (closing) return;
    await peer.session.ping();
    expect(peer.session.closed).toBe(false);
  }

  /** A TCP connection of HTTP/2 outlives its streams, until the client has no more use for it. */
  hangUp(): void {
    for (const session of this.#sessions) session.close();
  }

  destroy(): void {
    for (const session of this.#sessions) session.destroy();
  }
}

function expectNoConnectionFields(response: HttpResponse): void {
  for (const name of CONNECTION_SPECIFIC) expect(response.header(name), name).toBeUndefined();
}
