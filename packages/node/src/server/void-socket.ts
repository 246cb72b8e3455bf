import { EventEmitter } from 'node:events';
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

/** Parts a response that has finished from its socket, and has it close, as Node does with its own. */
export function closeResponse(response: ServerResponse): void {
  if (response.socket !== null) response.detachSocket(response.socket);
  // A response closes when its socket does, and of the socket it needs no more than that.
  const nowhere = new EventEmitter() as Socket;
  response.assignSocket(nowhere);
  process.nextTick(() => {
    nowhere.emit('close');
    if (response.socket === nowhere) response.detachSocket(nowhere);
  });
}
