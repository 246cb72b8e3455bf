import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** A socket that takes everything and sends nothing. */
class VoidSocket extends Socket {
  override _write(_chunk: unknown, _encoding: unknown, written: () => void): void {
    written();
  }

  override _writev(_chunks: unknown, written: () => void): void {
    written();
  }
}

/**
 * Parts `response` from its socket: what is still written to it goes nowhere. To the framework this is
 * a response like any other: it may finish and, `'now'` or then, its client leaves, so that whatever
 * waits for the response's `'close'` goes on.
 */
export function discardResponse(
  response: ServerResponse,
  clientLeaves: 'now' | 'when finished',
): void {
  if (response.socket !== null) response.detachSocket(response.socket);
  const nowhere = new VoidSocket();
  response.assignSocket(nowhere);
  if (clientLeaves === 'now') nowhere.destroy();
  else response.once('finish', () => nowhere.destroy());
}
