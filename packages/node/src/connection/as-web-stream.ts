import { ReadableStream, WritableStream } from 'node:stream/web';
import { CloseCode, ClosedError } from '@heddle/core';
import type { Connection } from './connection.ts';

/** How a connection ended, or is to end, in the words of `WebSocketStream`. */
export interface WebCloseInfo {
  readonly closeCode?: number;
  readonly reason?: string;
}

/** What `WebSocketStream` gives when it is open (https://websockets.spec.whatwg.org/). */
export interface WebConnection {
  /** Messages as they are asked for: text as strings, binary as bytes. */
  readonly readable: ReadableStream<string | Uint8Array>;
  /** Each chunk is a message. Closing it closes the connection with 1000; aborting it, too. */
  readonly writable: WritableStream<string | ArrayBuffer | ArrayBufferView>;
  /** The names of the negotiated extensions. */
  readonly extensions: string;
  /** The subprotocol; empty if there is none. */
  readonly protocol: string;
}

/** A connection in the shape of the browser's `WebSocketStream`. */
export interface WebFace {
  /** Of the request, on a server; else empty. */
  readonly url: string;
  readonly opened: Promise<WebConnection>;
  /** Rejects with a `ClosedError`, which has `closeCode` and `reason`, unless the end was clean. */
  readonly closed: Promise<Required<WebCloseInfo>>;
  /** Closes as `Connection.close` does, and throws what it throws. */
  close(info?: WebCloseInfo): void;
}

export function webFaceOf(socket: Connection): WebFace {
  const closed = closedOf(socket);
  // Nobody has to look at it.
  closed.catch(() => {});
  const close = ({ closeCode = CloseCode.NormalClosure, reason = '' }: WebCloseInfo = {}): void => {
    void socket.close(closeCode, reason);
  };
  const opened = Promise.resolve({
    readable: readableOf(socket),
    writable: writableOf(socket),
    extensions: socket.extensions.join(),
    protocol: socket.subprotocol ?? '',
  });
  return { url: socket.request?.url ?? '', opened, closed, close };
}

async function closedOf(socket: Connection): Promise<Required<WebCloseInfo>> {
  const { code, reason, wasClean, error } = await socket.closed;
  const info = { closeCode: code, reason };
  if (wasClean) return info;
  throw Object.assign(new ClosedError(error), info);
}

function readableOf(socket: Connection): ReadableStream<string | Uint8Array> {
  const messages = socket[Symbol.asyncIterator]();
  return new ReadableStream<string | Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await messages.next();
        if (!done) {
          controller.enqueue(value);
          return;
        }
        const { wasClean, error } = await socket.closed;
        if (wasClean) controller.close();
        else controller.error(new ClosedError(error));
      },
      async cancel() {
        await socket.close();
      },
    },
    // Nothing is taken before somebody reads: TCP holds the peer back.
    { highWaterMark: 0 },
  );
}

function writableOf(socket: Connection): WebConnection['writable'] {
  return new WritableStream<string | ArrayBuffer | ArrayBufferView>({
    async write(chunk) {
      if (socket.state !== 'open') throw new ClosedError();
      if (!socket.send(toMessage(chunk))) await socket.drained();
    },
    async close() {
      await socket.close();
    },
    async abort() {
      await socket.close();
    },
  });
}

/** What else a web stream may have is told by `send`. */
function toMessage(chunk: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof chunk === 'string' || chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  return new Uint8Array(chunk);
}
