import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { type Agreement, type ClientOpening, HandshakeError, readAnswer } from '@heddle/core';
import { sha1 } from './acceptance.ts';
import { openTransport } from './client-transport.ts';
import type { ClientTarget } from './client-url.ts';
import { Connection } from './connection.ts';
import { Deferred } from './deferred.ts';
import { HandshakeRefusedError, MAX_REFUSAL_BYTES } from './handshake-refused.ts';
import { distinctFields } from './header-fields.ts';
import type { ResolvedOptions } from './options.ts';

/** Everything that one opening handshake needs. */
export interface HandshakePlan {
  readonly target: ClientTarget;
  readonly opening: ClientOpening;
  readonly headers: Record<string, string | string[]>;
  readonly options: ResolvedOptions;
  readonly tls: TlsOptions;
  readonly createConnection: (() => Duplex | Promise<Duplex>) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** A client's opening handshake: it ends with a connection or with an error, and leaves nothing else. */
export class ClientHandshake<In, Out> {
  readonly #plan: HandshakePlan;
  readonly #result = new Deferred<Connection<In, Out>>();
  readonly #deadline: NodeJS.Timeout;
  #request: ClientRequest | undefined;
  #transport: Duplex | undefined;
  /** Ends the reading of a refusal's body. */
  #finishRefusal: (() => void) | undefined;
  #settled = false;

  constructor(plan: HandshakePlan) {
    this.#plan = plan;
    this.#deadline = setTimeout(() => this.#expired(), plan.options.handshakeTimeoutMs);
    plan.signal?.addEventListener('abort', this.#aborted);
    this.#begin().catch(this.#fail);
  }

  get result(): Promise<Connection<In, Out>> {
    return this.#result.promise;
  }

  async #begin(): Promise<void> {
    const { target, tls, headers, createConnection } = this.#plan;
    const made = await createConnection?.();
    if (this.#settled) {
      made?.destroy();
      return;
    }
    const transport = openTransport(target, tls, made);
    this.#transport = transport;
    // Node listens to it only from the next tick on.
    transport.on('error', this.#broke);
    const { host, port, path } = target;
    const createTransport = { createConnection: () => transport, setHost: false };
    this.#request = httpRequest({ ...createTransport, host, port, path, headers })
      .on('error', this.#broke)
      .on('response', this.#refused)
      .on('upgrade', this.#upgraded)
      .end();
  }

  readonly #upgraded = (answer: IncomingMessage, transport: Duplex, head: Buffer): void => {
    const agreement = this.#judge(answer);
    if (agreement === undefined || this.#settled) return;
    this.#settle();
    transport.off('error', this.#broke);
    if (transport instanceof Socket) transport.setNoDelay(true);
    const { options } = this.#plan;
    // In this turn: whatever the socket emits in the next one is for the connection.
    const start = { role: 'client', transport, head, options, ...agreement } as const;
    this.#result.resolve(new Connection<In, Out>(start));
  };

  /** Another status than 101; or a 101 that has no `Upgrade`, which to Node is a response like others. */
  readonly #refused = (response: IncomingMessage): void => {
    const chunks: Buffer[] = [];
    let byteLength = 0;
    const finish = (): void => {
      this.#judge(response, Buffer.concat(chunks));
    };
    this.#finishRefusal = finish;
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      byteLength += chunk.byteLength;
      if (byteLength >= MAX_REFUSAL_BYTES) finish();
    });
    // It comes last and always, if the body is cut off, too.
    response.on('close', finish);
  };

  /** What the answer agrees to; if it is none, the handshake has failed by it. */
  #judge(answer: IncomingMessage, body = Buffer.alloc(0)): Agreement | undefined {
    const { statusCode = 0, rawHeaders } = answer;
    try {
      const headers = distinctFields(rawHeaders);
      return readAnswer({ status: statusCode, headers }, this.#plan.opening, sha1);
    } catch (error) {
      const refused = error instanceof HandshakeError && error.code === 'WS_HANDSHAKE_REFUSED';
      this.#fail(refused ? new HandshakeRefusedError(error, body) : error);
      return undefined;
    }
  }

  /** A refusal whose body is cut off, or dribbles, is a refusal all the same. */
  readonly #broke = (error: unknown): void => {
    this.#finishRefusal?.();
    this.#fail(error);
  };

  #expired(): void {
    const { handshakeTimeoutMs } = this.#plan.options;
    const message = `The opening handshake took longer than ${handshakeTimeoutMs} ms`;
    this.#broke(new DOMException(message, 'TimeoutError'));
  }

  readonly #aborted = (): void => {
    this.#fail(this.#plan.signal?.reason);
  };

  readonly #fail = (error: unknown): void => {
    if (this.#settled) return;
    this.#settle();
    this.#request?.destroy();
    this.#transport?.destroy();
    this.#result.reject(error);
  };

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#deadline);
    this.#plan.signal?.removeEventListener('abort', this.#aborted);
  }
}
