import type { Client, ClientOptions } from '../client.ts';
import type { DialOptions } from '../dial.ts';
import type { HandshakeDescription } from '../handshake.ts';
import type { HttpResponse } from '../http-message.ts';
import type { ScriptedStream } from '../scripted-stream.ts';

/** A handshake on its way: the peer may already send, end or reset while the answer is awaited. */
export interface Attempt {
  readonly peer: ScriptedStream;
  readonly response: Promise<HttpResponse>;
}

export interface RefusedAttempt extends Attempt {
  /** Whether the whole application is ending, and its TCP connections with it. */
  readonly closing: boolean;
}

/**
 * What a case's clients do in one way over HTTP/1.1 and in another over HTTP/2. Each has a TCP
 * connection of its own.
 */
export interface ContractClients {
  /** Connects, and sends a handshake. */
  attempt(address: DialOptions, description: HandshakeDescription): Promise<Attempt>;
  /** A client whose handshake was accepted. */
  open(options: ClientOptions): Promise<Client>;
  /** The whole response to a plain request. */
  request(address: DialOptions, description: HandshakeDescription): Promise<HttpResponse>;
  /** Whether a response accepts its handshake. */
  accepts(response: HttpResponse): boolean;
  /** Passes if an acceptance has the status and the fields that it must, and none that it must not. */
  expectAccepted(response: HttpResponse): void;
  /** Passes if a refusal is a whole response, and leaves its TCP connection as it must. */
  expectRefused(attempt: RefusedAttempt, response: HttpResponse): Promise<void>;
  /** Ends the TCP connections on which nothing is left to do, where that is the client's part. */
  hangUp(): void;
  /** Ends all at once. */
  destroy(): void;
}

/** Fields that no acceptance has: it has no body, and its application must not negotiate. */
export const ABSENT_WHEN_ACCEPTED: readonly string[] = [
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Extensions',
  'Content-Length',
  'Content-Type',
  'Transfer-Encoding',
  'Keep-Alive',
];
