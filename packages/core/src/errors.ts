import { type RefusalCode, refusals } from './handshake/refusal.ts';
import { type MisuseCode, misuses } from './misuse.ts';
import { type ViolationCode, violations } from './violation.ts';

/** What every error of Heddle's own extends. `code` is stable: it changes in a major version only. */
export abstract class WebSocketError extends Error {
  abstract readonly code: string;

  constructor(message: string, cause?: unknown) {
    // An option that is there, even as `undefined`, shows up wherever the error is printed.
    super(message, cause === undefined ? undefined : { cause });
  }
}

/**
 * The peer broke a rule while the connection was open. The connection fails with `closeCode`
 * (§7.1.7); the application finds the error in the close information.
 */
export class ProtocolError extends WebSocketError {
  override readonly name = 'ProtocolError';
  readonly code: ViolationCode;
  /** The status code of the close frame that the peer is sent, §7.4.1. */
  readonly closeCode: number;

  constructor(code: ViolationCode, detail?: string) {
    const { closeCode, message, source } = violations[code];
    super(sentence(message, detail, source));
    this.code = code;
    this.closeCode = closeCode;
  }
}

/**
 * The peer's half of the opening handshake is unacceptable. A server answers with `status` and
 * `headers`; a client rejects `connect()` with this error.
 */
export class HandshakeError extends WebSocketError {
  override readonly name = 'HandshakeError';
  readonly code: RefusalCode;
  /** The HTTP status: the one to answer with, or, on a client, the one that came. */
  readonly status: number;
  /** Header fields that belong to the refusal, as `Sec-WebSocket-Version` to a 426 (§4.4). */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * That `message` may be shown to the client, which is all that it speaks of: the word of http-errors,
   * by which Koa and error handlers for Express decide.
   */
  readonly expose = true;

  constructor(code: RefusalCode, detail?: string, response: RefusalResponse = {}) {
    const { message, source } = refusals[code];
    super(sentence(message, detail, source), response.cause);
    this.code = code;
    this.status = response.status ?? refusals[code].status;
    this.headers = response.headers ?? refusals[code].headers;
  }

  /** `status` under the name by which Express, Fastify and Koa look for it. */
  get statusCode(): number {
    return this.status;
  }
}

/** What a `HandshakeError` carries in place of its row's defaults. */
export interface RefusalResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The error of the network or of the caller's code that led to this one. */
  readonly cause?: unknown;
}

/** Our caller made a mistake: thrown at the call that made it. */
export class UsageError extends WebSocketError {
  override readonly name = 'UsageError';
  readonly code: MisuseCode;

  constructor(code: MisuseCode, detail?: string) {
    super(sentence(misuses[code].message, detail));
    this.code = code;
  }
}

/**
 * What was asked for can no longer happen, because the connection has ended. Nobody is at fault:
 * a peer and a network may end a connection at any moment.
 */
export class ClosedError extends WebSocketError {
  override readonly name = 'ClosedError';
  readonly code = 'WS_CLOSED';

  constructor(cause?: unknown) {
    super('The connection has ended', cause);
  }
}

function sentence(message: string, detail: string | undefined, source?: string): string {
  const said = detail === undefined ? message : `${message}: ${detail}`;
  return source === undefined ? said : `${said} (${source})`;
}
