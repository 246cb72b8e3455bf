import { ReadableStream, WritableStream } from 'node:stream/web';
import { types } from 'node:util';
import { assertClose, CloseCode, ClosedError, WebSocketError } from '@heddle/core';
import { Deferred } from '../deferred.ts';
import type { CloseInfo } from './close-record.ts';
import type { Connection } from './connection.ts';

/** How a connection is closed or was closed, in the words of `WebSocketStream`. */
export interface WebSocketCloseInfo {
  readonly closeCode?: number | undefined;
  readonly reason?: string | undefined;
}

/** What is read: of bytes a plain `Uint8Array`, as in a browser, and all else as it came. */
export type WebMessage<In> = In extends Buffer ? Uint8Array : In;

/** The streams of a connection, and what was negotiated. */
export interface WebSocketStreams<In = string | Buffer, Out = string | Uint8Array> {
  readonly readable: ReadableStream<WebMessage<In>>;
  /** Bytes are copied: they may change once they are written. */
  readonly writable: WritableStream<Out | ArrayBuffer | ArrayBufferView>;
  /** The names of the extensions, separated by commas. */
  readonly extensions: string;
  /** The subprotocol, empty if there is none. */
  readonly protocol: string;
}

/** A connection in the shape of the browser's `WebSocketStream`. */
export interface WebSocketStreamFace<In = string | Buffer, Out = string | Uint8Array> {
  /** Of the request on a server, as it came there; else empty. */
  readonly url: string;
  readonly opened: Promise<WebSocketStreams<In, Out>>;
  /** Rejects with `WebSocketStreamError` if the closing handshake was not done. */
  readonly closed: Promise<Required<WebSocketCloseInfo>>;
  /**
   * Closes, with 1000 unless a code is given. Throws `UsageError`: `WS_INVALID_CLOSE_CODE`,
   * `WS_CLOSE_REASON_TOO_LONG`.
   */
  close(info?: WebSocketCloseInfo): void;
}

/** The connection ended without a closing handshake: what the browser calls a `WebSocketError`. */
export class WebSocketStreamError extends WebSocketError {
  override readonly name = 'WebSocketError';
  readonly code = 'WS_CLOSED';
  readonly closeCode: number;
  readonly reason: string;

  constructor({ code, reason, error }: CloseInfo) {
    super('The connection has ended without a closing handshake', error);
    this.closeCode = code;
    this.reason = reason;
  }
}

/**
 * The connection in the shape of the browser's `WebSocketStream`
 * (https://websockets.spec.whatwg.org/#websocketstream), with backpressure in both directions:
 * nothing is read ahead, and `write()` waits while the peer does not read.
 *
 * Closing the writable closes with 1000, and so does cancelling the readable; aborting the writable
 * closes with 1011, for what the peer has got is not all. A reason with a `closeCode` and a `reason`
 * that may be sent is sent instead. What had come before the end can still be read.
 *
 * Throws `UsageError` `WS_ALREADY_CONSUMED` if a listener or an iterator takes the messages.
 */
export function toWeb<In, Out>(socket: Connection<In, Out>): WebSocketStreamFace<In, Out> {
  const ended = endOf(socket);
  return {
    url: socket.request?.url ?? '',
    opened: Promise.resolve({
      readable: readableOf(socket, ended),
      writable: writableOf(socket, ended),
      extensions: socket.extensions.join(', '),
      protocol: socket.subprotocol ?? '',
    }),
    closed: ended,
    close: ({ closeCode, reason } = {}) => void socket.close(closeCode, reason),
  };
}

type End = Promise<Required<WebSocketCloseInfo>>;

function endOf({ closed }: { readonly closed: Promise<CloseInfo> }): End {
  const end = new Deferred<Required<WebSocketCloseInfo>>();
  void closed.then((info) => {
    if (info.wasClean) end.resolve({ closeCode: info.code, reason: info.reason });
    else end.reject(new WebSocketStreamError(info));
  });
  return end.promise;
}

function readableOf<In, Out>(
  socket: Connection<In, Out>,
  ended: End,
): ReadableStream<WebMessage<In>> {
  const messages = socket[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const step = await messages.next();
        if (!step.done) {
          controller.enqueue(toWebMessage(step.value));
          return;
        }
        // Its rejection becomes the stream's error.
        await ended;
        controller.close();
      },
      cancel: (reason) => closeBecause(socket, reason, CloseCode.NormalClosure),
    },
    // None is asked for before somebody reads: TCP holds the peer back.
    { highWaterMark: 0 },
  );
}

function writableOf<In, Out>(
  socket: Connection<In, Out>,
  ended: End,
): WritableStream<Out | ArrayBuffer | ArrayBufferView> {
  return new WritableStream({
    start(controller) {
      // Not the sink's `abort`, which waits for a write that a peer who does not read holds up.
      // The types of Node do not know it yet.
      const signal: AbortSignal = Reflect.get(controller, 'signal');
      const abort = () => closeBecause(socket, signal.reason, CloseCode.InternalError);
      signal.addEventListener('abort', abort, { once: true });
      const fail = (error: unknown) => controller.error(error);
      ended.then(() => fail(new ClosedError()), fail);
    },
    async write(chunk) {
      if (!socket.send(toMessage(chunk) as Out)) await socket.drained();
    },
    async close() {
      void socket.close();
      await ended;
    },
  });
}

/** Closes with what `reason` says, if it says something that may be sent, and else with `code`. */
function closeBecause(
  socket: { close(code?: number, reason?: string): unknown },
  reason: unknown,
  code: number,
): void {
  const { closeCode = code, reason: words = '' } = Object(reason) as WebSocketCloseInfo;
  try {
    // A stream that is piped into another may fail with 1006, which no close frame can carry.
    assertClose(closeCode, words);
  } catch {
    socket.close(code);
    return;
  }
  socket.close(closeCode, words);
}

function toWebMessage<In>(message: In): WebMessage<In> {
  const bytes = types.isUint8Array(message) ? viewOf(message) : message;
  return bytes as WebMessage<In>;
}

function toMessage(chunk: unknown): unknown {
  if (types.isAnyArrayBuffer(chunk)) return new Uint8Array(chunk.slice(0));
  return ArrayBuffer.isView(chunk) ? viewOf(chunk).slice() : chunk;
}

function viewOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
