import type { Duplex, Readable } from 'node:stream';
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import {
  type Agreement,
  type ClientOpening,
  HandshakeError,
  type PermessageDeflate,
} from '@heddle/core';
import { Connection } from '../connection/connection.ts';
import { Deferred } from '../deferred.ts';
import type { ResolvedOptions } from '../options.ts';
import type { ClientTarget } from './client-url.ts';
import { HandshakeRefusedError, MAX_REFUSAL_BYTES } from './handshake-refused.ts';

/** Everything that one opening handshake needs, whichever version of HTTP carries it. */
export interface HandshakePlan {
  readonly target: ClientTarget;
  readonly opening: ClientOpening<PermessageDeflate>;
  /** For a request over HTTP/1.1. */
  readonly headers: Record<string, string | string[]>;
  readonly options: ResolvedOptions;
  readonly tls: TlsOptions;
  readonly createConnection: (() => Duplex | Promise<Duplex>) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What has become the WebSocket's once the handshake is done. */
export interface OpenedTransport {
  readonly transport: Duplex;
  readonly head: Buffer;
  readonly remoteAddress?: string | undefined;
}

/**
 * One call of `connect`, on whichever way it goes: it ends once, with a connection or with an error, in
 * time, and leaves nothing else.
 */
export class ClientAttempt<In, Out> {
  readonly plan: HandshakePlan;
  readonly #result = new Deferred<Connection<In, Out>>();
  readonly #deadline: NodeJS.Timeout;
  #undo: () => void = () => {};
  /** Ends the reading of a refusal's body. */
  #finishRefusal: (() => void) | undefined;
  #settled = false;

  constructor(plan: HandshakePlan) {
    this.plan = plan;
    this.#deadline = setTimeout(() => this.#expired(), plan.options.handshakeTimeoutMs);
    plan.signal?.addEventListener('abort', this.#aborted);
  }

  get result(): Promise<Connection<In, Out>> {
    return this.#result.promise;
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** From now on this, in place of what was said before, is what there is to undo on failure. */
  undoBy(undo: () => void): void {
    this.#undo = undo;
  }

  /** The handshake is done. In this turn: what the transport emits in the next is the connection's. */
  open(opened: OpenedTransport, agreement: Agreement<PermessageDeflate>): void {
    this.#settle();
    const { options } = this.plan;
    const start = { role: 'client', ...opened, options, ...agreement } as const;
    this.#result.resolve(new Connection<In, Out>(start));
  }

  /** What `read` makes of the server's answer; if that throws, the handshake has failed by it. */
  judge(
    read: () => Agreement<PermessageDeflate>,
    body = Buffer.alloc(0),
  ): Agreement<PermessageDeflate> | undefined {
    if (this.#settled) return undefined;
    try {
      return read();
    } catch (error) {
      const refused = error instanceof HandshakeError && error.code === 'WS_HANDSHAKE_REFUSED';
      this.fail(refused ? new HandshakeRefusedError(error, body) : error);
      return undefined;
    }
  }

  /** Reads of the answer's body what a refusal shows, and then has `read` judge the answer. */
  judgeRefusal(read: () => Agreement<PermessageDeflate>, body: Readable): void {
    const chunks: Buffer[] = [];
    let byteLength = 0;
    const finish = (): void => {
      this.judge(read, Buffer.concat(chunks));
    };
    this.#finishRefusal = finish;
    body.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      byteLength += chunk.byteLength;
      if (byteLength >= MAX_REFUSAL_BYTES) finish();
    });
    // HTTP/2 closes a stream only when we, too, have ended our half of it.
    body.on('end', finish);
    // It comes always, if the body is cut off, too.
    body.on('close', finish);
  }

  /** The way to the server broke. A refusal whose body is cut off, or dribbles, is one all the same. */
  readonly broke = (error: unknown): void => {
    this.#finishRefusal?.();
    this.fail(error);
  };

  readonly fail = (error: unknown): void => {
    if (this.#settled) return;
    this.#settle();
    this.#undo();
    this.#result.reject(error);
  };

  #expired(): void {
    const { handshakeTimeoutMs } = this.plan.options;
    const message = `The opening handshake took longer than ${handshakeTimeoutMs} ms`;
    this.broke(new DOMException(message, 'TimeoutError'));
  }

  readonly #aborted = (): void => {
    this.fail(this.plan.signal?.reason);
  };

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#deadline);
    this.plan.signal?.removeEventListener('abort', this.#aborted);
  }
}
