import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What all connections of the generator read into. */
const readBuffer = Buffer.allocUnsafeSlow(2 ** 18);

/** Offered where messages are compressed: with no window kept, the same message is the same bytes each time. */
const DEFLATE_OFFER =
  'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n';

export interface PeerOptions {
  /** Nothing is said before the first message: the server echoes bytes. */
  readonly raw?: boolean;
  readonly deflate?: boolean;
  /** Of the URL, when it is not that of the server. */
  readonly path?: string;
}

/**
 * A client that knows its server: it writes what it is given, and passes on what it reads, which is
 * valid only while `received` runs.
 */
export class Peer {
  received: (bytes: Uint8Array) => void = () => {};
  /** Called when the connection has ended, by whomever. */
  ended: (error: Error) => void = () => {};
  readonly #socket: Socket;

  private constructor(url: URL) {
    this.#socket = connect({
      port: Number(url.port),
      host: url.hostname,
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (byteLength) => {
          this.received(readBuffer.subarray(0, byteLength));
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => this.ended(error));
    this.#socket.on('close', () => this.ended(new Error('the server closed the connection')));
  }

  static async open(url: URL, options: PeerOptions = {}): Promise<Peer> {
    const peer = new Peer(url);
    if (options.raw === true) await once(peer.#socket, 'connect');
    else await peer.#handshake(url, options);
    return peer;
  }

  write(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  destroy(): void {
    this.ended = () => {};
    this.#socket.destroy();
  }

  #handshake(url: URL, { deflate = false, path = url.pathname }: PeerOptions): Promise<void> {
    this.write(
      Buffer.from(
        `GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nUpgrade: websocket\r\n` +
          `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n${deflate ? DEFLATE_OFFER : ''}` +
          `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      ),
    );
    return new Promise((resolve, reject) => {
      let answer = '';
      this.ended = reject;
      this.received = (bytes) => {
        answer += Buffer.from(bytes).toString('latin1');
        // What a server says behind it without being asked is passed over.
        if (!answer.includes('\r\n\r\n')) return;
        if (!answer.startsWith('HTTP/1.1 101 ')) reject(new Error(`refused: ${answer}`));
        if (deflate && !answer.includes('permessage-deflate')) reject(new Error('no deflate'));
        resolve();
      };
    });
  }
}
