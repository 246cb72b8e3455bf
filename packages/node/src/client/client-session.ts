import type Http2 from 'node:http2';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { Deferred } from '../deferred.ts';
import type { HandshakePlan } from './client-attempt.ts';
import { openTransport } from './client-transport.ts';

/** Where a session leads, and how it gets there. */
export type SessionPlan = Pick<HandshakePlan, 'target' | 'tls' | 'createConnection'>;

/** What the peer may send to one WebSocket that does not read, in bytes. */
const STREAM_WINDOW_BYTES = 2 ** 18;
/**
 * And to all of them that do read, before it hears from us again. Node gives this back at once, whether
 * a stream reads or not: so one that does not cannot hold up the others.
 */
const SESSION_WINDOW_BYTES = 2 ** 22;

/** How long the transport gets to end after the last of its WebSockets, in milliseconds. */
const CLOSING_TIMEOUT_MS = 5_000;

/**
 * One HTTP/2 connection to a server, shared by WebSockets and by handshakes that wait for it. It is
 * closed when the last of them has left: they all `join`, and `leave` or have `open` do it for them.
 */
export class ClientSession {
  readonly plan: SessionPlan;
  readonly #version = new Deferred<1 | 2>();
  readonly #over: () => void;
  #state: 'connecting' | 'open' | 'over' = 'connecting';
  #transport: Duplex | undefined;
  #session: ClientHttp2Session | undefined;
  #users = 0;
  #streams = 0;
  /** Whether the server has ever answered a request here. */
  #answered = false;

  /** `over` is called once, when nobody can join any more. */
  constructor(plan: SessionPlan, over: () => void) {
    this.plan = plan;
    this.#over = over;
    this.#connect().catch(this.#broke);
  }

  /**
   * In which version of HTTP the server takes a WebSocket: over this session, or not. Rejects with the
   * network's error.
   */
  get version(): Promise<1 | 2> {
    return this.#version.promise;
  }

  get remoteAddress(): string | undefined {
    return this.#transport && Reflect.get(this.#transport, 'remoteAddress');
  }

  /** Whether another handshake may wait for this session, or have a stream of it. */
  get joinable(): boolean {
    return this.#state === 'connecting' || (this.#usable !== undefined && !this.#full);
  }

  join(): void {
    this.#users++;
  }

  leave(): void {
    this.#users--;
    if (this.#users === 0) this.#close();
  }

  /**
   * The connection itself, for one caller, if TLS has agreed on HTTP/1.1 over it; then it is the
   * caller's.
   */
  takeTransport(): Duplex | undefined {
    if (this.#session !== undefined) return undefined;
    const transport = this.#transport;
    this.#transport = undefined;
    return transport?.off('error', this.#broke).off('close', this.#closed);
  }

  /**
   * Sends a request; its stream leaves for the caller, when it closes. `undefined` if the server takes
   * no more streams at once. Throws what Node does for header fields that no request can carry.
   */
  open(fields: Record<string, string | string[]>): ClientHttp2Stream | undefined {
    const session = this.#usable;
    if (session === undefined) throw hungUp('went away before the request');
    if (this.#full) return undefined;
    const stream = session.request(fields, { endStream: false });
    this.#streams++;
    stream.once('response', () => {
      this.#answered = true;
    });
    stream.once('close', () => {
      this.#streams--;
      this.leave();
    });
    return stream;
  }

  /**
   * The server refused a stream: nobody joins any more. Returns whether the request may fare better in
   * another session. Not if this one has refused all that it was asked: so would the next, without end.
   */
  refuse(): boolean {
    this.#end();
    return this.#answered;
  }

  /** After GOAWAY, Node's session is `closed`, and takes no new streams. */
  get #usable(): ClientHttp2Session | undefined {
    const session = this.#session;
    return this.#state !== 'open' || session?.closed || session?.destroyed ? undefined : session;
  }

  get #full(): boolean {
    const most = this.#session?.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
    // RFC 9113 §6.5.2: zero is "for short durations". One stream waits for it to pass.
    return this.#streams >= Math.max(1, most);
  }

  async #connect(): Promise<void> {
    const { target, tls, createConnection } = this.plan;
    // Some megabytes, for those only who ask for it.
    const http2 = await import('node:http2');
    const made = await createConnection?.();
    if (this.#state === 'over') {
      made?.destroy();
      return;
    }
    const transport = openTransport(target, { tls, made, protocols: ['h2', 'http/1.1'] });
    this.#transport = transport;
    transport.on('error', this.#broke).on('close', this.#closed);
    if (target.secure && transport instanceof TLSSocket) {
      transport.once('secureConnect', () => {
        if (transport.alpnProtocol === 'h2') this.#begin(transport, http2);
        else this.#decide(1);
      });
    } else {
      // RFC 9113 §3.3: no server of cleartext can be asked, so it is taken to speak HTTP/2.
      this.#begin(transport, http2);
    }
  }

  #begin(transport: Duplex, { connect }: typeof Http2): void {
    const { secure, authority } = this.plan.target;
    const session = connect(`${secure ? 'https' : 'http'}://${authority}`, {
      createConnection: () => transport,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
    });
    this.#session = session;
    session
      .on('error', this.#broke)
      .on('close', this.#closed)
      .once('connect', () => {
        // Node tells of the connection, too, if it has failed meanwhile.
        if (!session.destroyed) session.setLocalWindowSize(SESSION_WINDOW_BYTES);
      })
      // RFC 8441 §3: without SETTINGS_ENABLE_CONNECT_PROTOCOL of 1 a client must not ask.
      .once('remoteSettings', ({ enableConnectProtocol }) => {
        this.#decide(enableConnectProtocol === true ? 2 : 1);
      });
  }

  #decide(version: 1 | 2): void {
    this.#version.resolve(version);
    if (version === 2 && this.#state === 'connecting') this.#state = 'open';
    else this.#end();
  }

  readonly #broke = (error: unknown): void => {
    // A server of HTTP/1 answers in HTTP/1, closes or resets. Whatever else is wrong with the network
    // or with it, HTTP/1.1 will find out.
    if (!this.plan.target.secure && isNoHttp2(error)) this.#decide(1);
    this.#version.reject(error);
    this.#end();
  };

  readonly #closed = (): void => {
    this.#broke(hungUp('closed the connection before its SETTINGS'));
  };

  #end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#over();
  }

  /** Nobody is left. */
  #close(): void {
    const connecting = this.#state === 'connecting';
    this.#end();
    const transport = this.#transport;
    if (transport === undefined || transport.closed) return;
    if (connecting || this.#session === undefined) {
      this.#session?.destroy();
      transport.destroy();
      return;
    }
    const deadline = setTimeout(() => transport.destroy(), CLOSING_TIMEOUT_MS);
    transport.once('close', () => clearTimeout(deadline));
    this.#session.close();
  }
}

/** As Node says it of a server that hangs up on a request over HTTP/1.1. */
export function hungUp(what: string): Error {
  return Object.assign(new Error(`The HTTP/2 server ${what}`), { code: 'ECONNRESET' });
}

/** Whether this is what a server that does not speak HTTP/2 makes of it. */
function isNoHttp2(error: unknown): boolean {
  const code: unknown = error instanceof Error && Reflect.get(error, 'code');
  return typeof code === 'string' && /^(ERR_HTTP2_.*|ECONNRESET|EPIPE)$/.test(code);
}
