import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import { type Deferred, deferred } from './deferred.ts';
import { type HttpResponse, responseOf } from './http-message.ts';
import type { ScriptedSession } from './scripted-session.ts';
import { ScriptedStream } from './scripted-stream.ts';

type ResponseHead = IncomingHttpHeaders & IncomingHttpStatusHeader;

interface Http2PeerStart {
  readonly stream: ClientHttp2Stream;
  /** Whether the request is an extended CONNECT: a 2xx has no body then, but opens the stream. */
  readonly extended: boolean;
  /** What resets the stream. (Node's `close(code)` sends END_STREAM first, as if all were well.) */
  readonly cancel: AbortController;
}

/**
 * A scripted peer on one stream of HTTP/2, made by `ScriptedSession.handshake`. §5 of RFC 8441 says what
 * TCP's signals are here: `end()` is END_STREAM, and `reset()` is RST_STREAM with CANCEL.
 */
export class Http2Peer extends ScriptedStream<ClientHttp2Stream> {
  /** The TCP connection that carries this stream, maybe among others. */
  readonly session: ScriptedSession;
  readonly #extended: boolean;
  readonly #cancel: AbortController;
  readonly #timeoutMs: number;
  readonly #head: Deferred<ResponseHead> = deferred();

  constructor(session: ScriptedSession, { stream, extended, cancel }: Http2PeerStart) {
    super(stream, { timeoutMs: session.timeoutMs });
    this.session = session;
    this.#extended = extended;
    this.#cancel = cancel;
    this.#timeoutMs = session.timeoutMs;
    stream.once('response', this.#head.resolve);
    stream.once('close', () => {
      this.#head.reject(new Error(`No response came before the stream closed (${stream.rstCode})`));
    });
    // Nobody may be waiting for it.
    this.#head.promise.catch(() => {});
  }

  /** Whether the stream is over, both its halves. */
  get closed(): boolean {
    return this.stream.closed || this.stream.destroyed;
  }

  /** The code of RST_STREAM, from either side; 0 for none, and for one with NO_ERROR. */
  get resetCode(): number {
    return this.stream.rstCode ?? constants.NGHTTP2_NO_ERROR;
  }

  /** Expects the response, with its body if it has one. */
  async receivesResponse(): Promise<HttpResponse> {
    const late = () => this.#head.reject(new Error(`No response came in ${this.#timeoutMs} ms`));
    const timer = setTimeout(late, this.#timeoutMs);
    const head = await this.#head.promise.finally(() => clearTimeout(timer));
    const status = head[':status'] ?? 0;
    const opened = this.#extended && status >= 200 && status < 300;
    const body = opened ? new Uint8Array(0) : await this.reader.takeAll('The end of the body');
    return responseOf({ version: 'HTTP/2', status, reason: '', headers: fieldsOf(head), body });
  }

  override reset(): void {
    this.#cancel.abort();
  }

  override destroy(): void {
    this.stream.destroy();
  }
}

function fieldsOf(head: ResponseHead): (readonly [string, string])[] {
  return Object.entries(head)
    .filter(([name]) => !name.startsWith(':'))
    .flatMap(([name, value]) => [value ?? []].flat().map((single) => [name, single] as const));
}
