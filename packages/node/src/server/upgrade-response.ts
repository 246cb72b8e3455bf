import type { IncomingMessage, ServerResponse } from 'node:http';
import { http } from '../node-http.ts';
import { connectionOption } from './http-refusal.ts';
import { takeArguments, type WriteHeadArguments } from './outgoing-headers.ts';

/**
 * Called when the response begins, before anything is sent. Returns the header fields that make a 101
 * the answer to the handshake; it may also part the response from its socket.
 */
export type ResponseBegins = (status: number) => Readonly<Record<string, string>> | undefined;

/**
 * The response to an upgrade request: an ordinary one, for any framework to set headers and cookies
 * on, and to answer 101 or a refusal as it would answer a GET.
 *
 * The hook is a property of the object itself, because Express replaces the object's prototype;
 * whoever wraps `writeHead`, as `on-headers` does, wraps this one.
 */
export function makeUpgradeResponse(
  request: IncomingMessage,
  begins: ResponseBegins,
): ServerResponse {
  const response = new http.ServerResponse(request);
  response.writeHead = (status: number, ...rest: WriteHeadArguments): ServerResponse => {
    // Node throws ERR_HTTP_HEADERS_SENT.
    if (response.headersSent) return writeHead(response, status);
    const message = takeArguments(response, rest);
    const fields = begins(status);
    if (status === 101) switchProtocols(response, fields ?? {});
    else refuse(response);
    return writeHead(response, status, message);
  };
  return response;
}

function writeHead(response: ServerResponse, status: number, message?: string): ServerResponse {
  // A message that was set for another status must not stay with the 101: Koa sets one early.
  const shown = message ?? (status === 101 ? http.STATUS_CODES[101] : undefined);
  if (shown !== undefined) response.statusMessage = shown;
  return http.ServerResponse.prototype.writeHead.call(response, status);
}

/** What describes a body or the connection, and what only the handshake may say. */
const NOT_IN_A_101 = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'keep-alive',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function switchProtocols(
  response: ServerResponse,
  handshake: Readonly<Record<string, string>>,
): void {
  for (const name of response.getHeaderNames()) {
    const foreign = NOT_IN_A_101.has(name) || name.startsWith('sec-websocket-');
    if (foreign) response.removeHeader(name);
  }
  for (const [name, value] of Object.entries(handshake)) response.setHeader(name, value);
}

function refuse(response: ServerResponse): void {
  response.removeHeader('Keep-Alive');
  // Node adds it where it is needed, which it is not over HTTP/2.
  response.removeHeader('Transfer-Encoding');
  response.setHeader('Connection', connectionOption(response.hasHeader('Upgrade')));
}
