import { STATUS_CODES } from 'node:http';
import { expect } from 'vitest';
import { type Client, type ClientOptions, openClient } from '../client.ts';
import type { DialOptions } from '../dial.ts';
import { acceptFor, type HandshakeDescription, SAMPLE_KEY } from '../handshake.ts';
import type { HttpResponse } from '../http-message.ts';
import { ScriptedPeer } from '../scripted-peer.ts';
import {
  ABSENT_WHEN_ACCEPTED,
  type Attempt,
  type ContractClients,
  type RefusedAttempt,
} from './clients.ts';

/** Clients that upgrade a connection of HTTP/1.1, RFC 6455 §4. */
export class Http1Clients implements ContractClients {
  readonly #peers: { destroy(): void }[] = [];

  /** A peer that is connected and has said nothing yet. */
  async peer(address: DialOptions): Promise<ScriptedPeer> {
    const peer = await ScriptedPeer.connect(address);
    this.#peers.push(peer);
    return peer;
  }

  async attempt(address: DialOptions, description: HandshakeDescription): Promise<Attempt> {
    const peer = await this.peer(address);
    const response = peer.handshake(description);
    // A case may not care what becomes of it.
    response.catch(() => {});
    return { peer, response };
  }

  async open(options: ClientOptions): Promise<Client> {
    const client = await openClient(options);
    this.#peers.push(client);
    return client;
  }

  async request(address: DialOptions, description: HandshakeDescription): Promise<HttpResponse> {
    const peer = await this.peer(address);
    const headers = { Connection: 'close', ...description.headers };
    const response = await peer.request({ ...description, headers });
    if (tokensOf(response, 'Connection').includes('close')) await peer.receivesEnd();
    return response;
  }

  accepts(response: HttpResponse): boolean {
    return response.status === 101;
  }

  /** §4.2.2 step 5: what is in the answer, and that nothing else of HTTP's hop-by-hop fields is. */
  expectAccepted(response: HttpResponse): void {
    expect(response.status, response.body).toBe(101);
    expect(response.version).toBe('HTTP/1.1');
    expect(response.header('Upgrade')?.toLowerCase()).toBe('websocket');
    expect(tokensOf(response, 'Connection')).toEqual(['upgrade']);
    expect(response.header('Sec-WebSocket-Accept')).toBe(acceptFor(SAMPLE_KEY));
    for (const name of ABSENT_WHEN_ACCEPTED) expect(response.header(name), name).toBeUndefined();
  }

  /**
   * The server ends the connection with it, and says so. (After a refused upgrade nobody knows what
   * the client speaks.)
   */
  async expectRefused({ peer }: RefusedAttempt, response: HttpResponse): Promise<void> {
    expect(response.status).not.toBe(101);
    expect(response.reason).toBe(STATUS_CODES[response.status]);
    expect(tokensOf(response, 'Connection')).toContain('close');
    expect(tokensOf(response, 'Connection')).not.toContain('keep-alive');
    expect(response.header('Sec-WebSocket-Accept')).toBeUndefined();
    await peer.receivesEnd();
  }

  /** The server ends each connection: nothing is left to do. */
  hangUp(): void {}

  destroy(): void {
    for (const peer of this.#peers) peer.destroy();
  }
}

/** A field that is a list of tokens, in lower case. */
export function tokensOf(response: HttpResponse, name: string): string[] {
  const value = response.header(name) ?? '';
  return value.split(',').map((token) => token.trim().toLowerCase());
}
