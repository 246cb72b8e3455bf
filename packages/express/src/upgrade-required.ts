import { upgradeRequired } from '@heddle/node';
import type { Request, Response } from 'express';

type PlainRequest = Pick<
  Request,
  'headers' | 'httpVersionMajor' | 'method' | 'next' | 'originalUrl'
>;

/**
 * Has the answer be 426 in place of the 404 that Express gives where no handler does. Everything
 * else that answers stays as it is: the application's own 404, and that of an error.
 *
 * A property of this response alone, set behind all that the middleware before has wrapped.
 */
export function requireUpgrade(request: PlainRequest, response: Response): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') return;
  const { end } = response;
  Object.assign(response, {
    end(...args: readonly unknown[]): unknown {
      if (!isNotFoundOfExpress(request, response, args[0]))
        return Reflect.apply(end, response, args);
      return Reflect.apply(end, response, [describe(request, response)]);
    },
  });
}

/** Makes the response a 426, and returns its body. */
function describe(request: PlainRequest, response: Response): string {
  const { status, headers, message } = upgradeRequired(request);
  const body = `${isHandshake(request) ? NOT_ATTACHED : message}\n`;
  response.statusCode = status;
  // Node names it.
  response.statusMessage = '';
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // What Node would add itself, were there no Connection yet.
  if (!response.shouldKeepAlive) response.setHeader('Connection', 'Upgrade, close');
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(body));
  return request.method === 'HEAD' ? '' : body;
}

/** Nobody took it for one: Node serves the upgrades of a server without listeners as plain requests. */
function isHandshake({ headers }: PlainRequest): boolean {
  return (
    headers.upgrade?.toLowerCase() === 'websocket' && headers['sec-websocket-key'] !== undefined
  );
}

const NOT_ATTACHED =
  'Nobody takes the upgrades of this server: call websocket(app) before app.listen(), or attach the server';

/** Whether this is what Express says by itself when the outermost router found nobody to answer. */
function isNotFoundOfExpress(request: PlainRequest, response: Response, body: unknown): boolean {
  // The outermost router takes back its `next` as it is left; a handler that answers is inside.
  if (response.statusCode !== 404 || typeof request.next === 'function') return false;
  if (response.headersSent) return false;
  if (response.getHeader('Content-Security-Policy') !== "default-src 'none'") return false;
  if (request.method === 'GET') return String(body).includes('<pre>Cannot GET /');
  // An answer to HEAD has no body to look at, but its length.
  const length = Buffer.byteLength(notFoundPage(`Cannot HEAD ${pathOf(request)}`));
  return response.getHeader('Content-Length') === length;
}

/** What finalhandler sends. A path with signs that it would escape is not recognised for a HEAD. */
function notFoundPage(message: string): string {
  const head = '<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>';
  const body = `<body>\n<pre>${message}</pre>\n</body>`;
  return `<!DOCTYPE html>\n<html lang="en">\n${head}\n${body}\n</html>\n`;
}

function pathOf({ originalUrl }: PlainRequest): string {
  return originalUrl.split('?', 1)[0] ?? '';
}
