import type { IncomingHttpHeaders } from 'node:http';
import type { Server } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * How a framework plugs into the contract. The contract describes an application in words that every
 * framework has (routes, a middleware, a session, …), the harness builds it with the framework's own
 * means and the adapter, and the contract then looks at it from outside, through TCP. The same harness
 * serves each transport: `ContractApp.tls` and `http` say what its servers must speak.
 *
 * A harness adds nothing that is not asked for and hides nothing: whatever it would have to work
 * around is a defect of the adapter.
 */
export interface ContractHarness {
  /**
   * Builds `app`, listens with every server on port 0 of 127.0.0.1, and resolves when it does. Each
   * case of the contract starts its own.
   */
  start(app: ContractApp): Promise<RunningApp>;
  /**
   * Cases that this framework cannot have, by their names, each with the reason. They are reported as
   * tests that say so. A name that is no case fails, so that this list cannot outlive its cause.
   */
  readonly cannot?: Readonly<Record<string, string>>;
  /**
   * Why this framework cannot serve plain requests over HTTP/2, if it cannot: only WebSockets go over
   * it then, and plain requests of the cases over HTTP/1.1 to the same servers. Cases that need both on
   * one connection are reported with this reason.
   */
  readonly plainOverHttp1?: string;
}

/** What a harness has started. */
export interface RunningApp {
  /** `app.servers` of them, which listen. */
  readonly servers: readonly Server[];
  /**
   * Ends the application as its owner would: what the adapter offers for it, with
   * `app.closeTimeoutMs` as its deadline, then the servers. Called once.
   */
  close(): Promise<void>;
}

/** An application, in words that every framework has. Every field is there, so that none is missed. */
export interface ContractApp {
  readonly routes: readonly ContractRoute[];
  /** The options that the adapter takes for the whole server; hand them on as they are. */
  readonly options: ContractOptions;
  /** The adapter's `onError` for the whole server. */
  readonly onError: (error: unknown) => void;
  /** How long `close()` waits for the clients, in milliseconds: `sockets.close({ timeoutMs })`. */
  readonly closeTimeoutMs: number;
  /** How many servers share this application: 1 or 2. */
  readonly servers: number;
  /** Serve over TLS with this, in the form of `https.createServer`'s options; `undefined`: in the open. */
  readonly tls: ContractTls | undefined;
  /**
   * With 2, which comes with `tls`, the servers speak HTTP/2 with the clients that can and HTTP/1.1
   * with the others: `http2.createSecureServer({ ...tls, allowHTTP1: true })`, or what the framework
   * has for it. Their sessions must end with `close()`, as other connections do.
   */
  readonly http: 1 | 2;
  /**
   * Requests have a `session`, an object that outlives them: the framework's usual plug-in, which
   * knows the client by a cookie that is good for HTTP too.
   */
  readonly session: boolean;
  /**
   * So many requests per minute and address, and a 429 with `Retry-After` for the next: the
   * framework's usual plug-in, with its `X-RateLimit-…` header fields.
   */
  readonly rateLimit: number | undefined;
  /** The framework's helmet with its defaults. */
  readonly helmet: boolean;
  /**
   * Set on every response as late as the framework lets an application: Fastify's `onSend`, Koa's
   * `await next()`, Express' `on-headers`.
   */
  readonly responseHeaders: ContractHeaders;
  /** What the application's own error handler answers; `undefined`: it has none. */
  readonly answerError: ((error: unknown) => ContractAnswer) | undefined;
  /** To call once for each response, when it has been sent: where an access log would write. */
  readonly onResponse: (status: number) => void;
}

/** One path. A route without `ws` is an ordinary HTTP route, one without `get` a WebSocket only. */
export interface ContractRoute {
  /**
   * The prefix of the router or encapsulated plug-in that the route is declared in, as
   * `/api/:tenant`; its parameters count too. Empty: the route stands in the application itself.
   */
  readonly prefix: string;
  /** The path below `prefix`, as `/chat/:room`. */
  readonly path: string;
  /**
   * A hook or middleware that runs before the route, for a GET and for an upgrade. Let what it throws
   * or rejects with through to the framework.
   */
  readonly before: (request: ContractRequest) => Promise<ContractVerdict>;
  /** The body of the route's answer to a plain GET. */
  readonly get: ((request: ContractRequest) => string) | undefined;
  /** The WebSocket handler. */
  readonly ws: ContractHandler | undefined;
  /** The options that the adapter takes for this route; hand them on as they are. */
  readonly options: ContractOptions;
}

/** What a handler may return or reject with goes through to the adapter untouched. */
export type ContractHandler = (
  socket: ContractSocket,
  request: ContractRequest,
) => void | Promise<void>;

/**
 * A request. Fastify's and Express' requests and Koa's context have this form, so a harness hands on
 * what it has.
 */
export interface ContractRequest {
  readonly headers: IncomingHttpHeaders;
  /** The path's parameters: an object of strings. */
  readonly params: unknown;
  /** An object of anything, to read and to write, where `ContractApp.session` asks for it. */
  readonly session?: unknown;
  /** The client's connection. */
  readonly socket: Duplex;
}

/** What `before` decides. */
export interface ContractVerdict {
  /** To set on the response, whatever becomes of it. */
  readonly headers?: ContractHeaders;
  /** To answer with, in place of the route. */
  readonly refuse?: ContractAnswer;
}

export interface ContractAnswer {
  readonly status: number;
  readonly headers: ContractHeaders;
  readonly body: string;
}

/** A field with several values is several fields, as `Set-Cookie`. */
export type ContractHeaders = Readonly<Record<string, string | string[]>>;

/** The part of `@heddle/node`'s options that the contract uses. */
export interface ContractOptions {
  readonly limits?: { readonly maxMessageBytes?: number };
  readonly heartbeat?: { readonly intervalMs: number; readonly timeoutMs: number };
  readonly origins?: 'same' | '*' | readonly string[];
  readonly subprotocols?: readonly string[];
  readonly compression?: boolean;
  readonly handshakeTimeoutMs?: number;
}

/** A server's private key and certificate, in PEM. */
export interface ContractTls {
  readonly key: string;
  readonly cert: string;
}

/** The part of `@heddle/node`'s `Connection` that the contract uses. */
export interface ContractSocket extends AsyncIterable<string | Uint8Array> {
  readonly subprotocol: string | undefined;
  /** Resolves when the connection has ended, however. */
  readonly closed: Promise<{ readonly code: number; readonly wasClean: boolean }>;
  on(
    event: 'message',
    listener: (message: string | Uint8Array) => void | Promise<void>,
  ): ContractSocket;
  send(message: string | Uint8Array): boolean;
  close(code?: number, reason?: string): Promise<unknown>;
}
