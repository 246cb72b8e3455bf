import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type {
  ContractAnswer,
  ContractApp,
  ContractHeaders,
  ContractRequest,
  ContractRoute,
} from './harness.ts';
import { type MatchedRoute, matchRoute } from './plain-router.ts';

/** An upgrade that a plain framework has found a WebSocket route for, and let in. */
export interface PlainUpgrade {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: ContractRoute;
  /** The same request as the route's handler knows it. */
  readonly described: ContractRequest;
}

/**
 * The smallest framework that has everything a `ContractApp` speaks of, for `node:http` itself: what
 * harnesses need whose subject is not a framework. `isUpgrade` tells a handshake from a plain
 * request, `accept` opens what this framework lets in.
 */
export class PlainFramework {
  readonly #app: ContractApp;
  readonly #isUpgrade: (request: IncomingMessage) => boolean;
  readonly #accept: (upgrade: PlainUpgrade) => void;
  readonly #sessions = new Map<string, object>();
  #requests = 0;

  constructor(
    app: ContractApp,
    isUpgrade: (request: IncomingMessage) => boolean,
    accept: (upgrade: PlainUpgrade) => void,
  ) {
    this.#app = app;
    this.#isUpgrade = isUpgrade;
    this.#accept = accept;
  }

  /** Whether there is a WebSocket route for this request. */
  owns(request: IncomingMessage): boolean {
    return this.#match(request, (route) => route.ws !== undefined) !== undefined;
  }

  /** Takes a request, plain or not, to its end. */
  readonly dispatch: RequestListener = (request, response) => {
    response.on('finish', () => this.#app.onResponse(response.statusCode));
    this.#handle(request, response).catch((error: unknown) => {
      answer(response, this.#app.answerError?.(error) ?? answerTo(error));
    });
  };

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const upgrade = this.#isUpgrade(request);
    setHeaders(response, this.#app.helmet ? { 'X-Content-Type-Options': 'nosniff' } : {});
    if (!this.#withinRateLimit(response)) return answer(response, plain(429, 'Too Many Requests'));
    const matched =
      this.#match(request, ({ ws, get }) => (upgrade ? ws : get) !== undefined) ??
      this.#match(request, ({ ws }) => !upgrade && ws !== undefined);
    if (matched === undefined) return answer(response, plain(404, 'Not Found'));
    const described: ContractRequest = this.#describe(request, response, matched.params);
    const { headers = {}, refuse } = await matched.route.before(described);
    // A store that is far away: an answer that does not wait for it comes too early.
    if (this.#app.session) await this.#saveSession(described);
    setHeaders(response, { ...headers, ...this.#app.responseHeaders });
    if (refuse !== undefined) return answer(response, refuse);
    const { route } = matched;
    if (upgrade) return this.#accept({ request, response, route, described });
    answer(response, route.get === undefined ? upgradeRequired(request) : ok(route.get(described)));
  }

  #match(request: IncomingMessage, suits: (route: ContractRoute) => boolean) {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    return matchRoute(this.#app.routes.filter(suits), request.url ?? '/');
  }

  #withinRateLimit(response: ServerResponse): boolean {
    const { rateLimit } = this.#app;
    if (rateLimit === undefined) return true;
    const left = rateLimit - ++this.#requests;
    setHeaders(response, {
      'X-RateLimit-Limit': String(rateLimit),
      'X-RateLimit-Remaining': String(Math.max(0, left)),
      ...(left < 0 ? { 'Retry-After': '60' } : {}),
    });
    return left >= 0;
  }

  #describe(
    request: IncomingMessage,
    response: ServerResponse,
    params: MatchedRoute['params'],
  ): ContractRequest {
    const { headers, socket } = request;
    if (!this.#app.session) return { headers, socket, params };
    const id = /sid=([^;]+)/.exec(headers.cookie ?? '')?.[1] ?? randomUUID();
    response.setHeader('Set-Cookie', `sid=${id}; Path=/; HttpOnly`);
    return { headers, socket, params, session: { id, ...this.#sessions.get(id) } };
  }

  async #saveSession({ session }: ContractRequest): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (typeof session !== 'object' || session === null || !('id' in session)) return;
    this.#sessions.set(String(session.id), session);
  }
}

/** RFC 9110 §15.5.22 asks for the fields, which HTTP/2 does not have (RFC 9113 §8.2.2). */
function upgradeRequired({ httpVersionMajor }: IncomingMessage): ContractAnswer {
  const fields = { Upgrade: 'websocket', Connection: 'Upgrade' };
  return {
    status: 426,
    headers: httpVersionMajor < 2 ? fields : {},
    body: 'There is only a WebSocket here',
  };
}

/** As Express and Koa do: an error may say what status it has, and only then is it the client's. */
function answerTo(error: unknown): ContractAnswer {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') {
    return plain(500, 'Internal Server Error');
  }
  return plain(error.status, error.message);
}

function ok(body: string): ContractAnswer {
  return plain(200, body);
}

function plain(status: number, body: string): ContractAnswer {
  return { status, headers: {}, body };
}

function answer(response: ServerResponse, { status, headers, body }: ContractAnswer): void {
  setHeaders(response, headers);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.writeHead(status).end(body);
}

function setHeaders(response: ServerResponse, headers: ContractHeaders): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}
