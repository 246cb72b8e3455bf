import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Random } from '../random.ts';
import { encodeClientFrame, Opcode } from './client-frame.ts';

/** What a server says: a text, or how the connection ended. `1006` is without a close frame. */
export type Heard = { readonly text: string } | { readonly closeCode: number };

/** A client that writes whatever bytes it is given, and takes no part in compressing what it reads. */
export class RawClient {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  readonly #heard: Heard[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => this.#end(1006));
    socket.on('close', () => this.#end(1006));
  }

  /** Opens a connection with the extension that `offer` asks for; rejects if it gets another one. */
  static async open(port: number, path: string, offer: string): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
        'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
        `Sec-WebSocket-Extensions: ${offer}\r\n\r\n`,
    );
    const [answer] = await once(socket, 'data');
    const response = String(answer);
    if (!response.startsWith('HTTP/1.1 101 ') || !response.endsWith('\r\n\r\n')) {
      throw new Error(`the handshake was answered by ${response}`);
    }
    for (const parameter of offer.split(';')) {
      if (!response.includes(parameter.trim()))
        throw new Error(`${parameter} is not in ${response}`);
    }
    return new RawClient(socket);
  }

  /** Each piece in a write of its own. */
  async write(pieces: readonly Buffer[]): Promise<void> {
    for (const [index, piece] of pieces.entries()) {
      if (this.#closed) return;
      const room = this.#socket.write(piece);
      if (!room) await Promise.race([once(this.#socket, 'drain'), once(this.#socket, 'close')]);
      else if (index < pieces.length - 1) await new Promise(setImmediate);
    }
  }

  close(random: Random): void {
    const payload = Buffer.of(0x03, 0xe8);
    const frame = { fin: true, rsv: 0, opcode: Opcode.Close, payload };
    this.#socket.write(encodeClientFrame(frame, random));
  }

  /** The next thing that the server says; rejects if that takes too long. */
  async hear(timeoutMs: number): Promise<Heard> {
    const next = this.#heard.shift();
    if (next !== undefined) return next;
    await new Promise<void>((resolve, reject) => {
      const timeout = setTimeout(() => reject(new Error('the server says nothing')), timeoutMs);
      this.#wake = () => {
        clearTimeout(timeout);
        resolve();
      };
    });
    return await this.hear(timeoutMs);
  }

  /** By a reset: neither side is left with a socket in TIME_WAIT. */
  destroy(): void {
    this.#socket.resetAndDestroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const [first = 0, length = 0] = this.#received;
      const end = 2 + length;
      // No answer is as long as 126 bytes.
      if (this.#received.byteLength < 2 || this.#received.byteLength < end) return;
      const payload = this.#received.subarray(2, end);
      this.#received = this.#received.subarray(end);
      const opcode = first & 0x0f;
      if (opcode === Opcode.Text) this.#say({ text: payload.toString() });
      if (opcode === Opcode.Close)
        this.#end(payload.byteLength < 2 ? 1005 : payload.readUInt16BE());
    }
  }

  #end(closeCode: number): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#say({ closeCode });
  }

  #say(heard: Heard): void {
    this.#heard.push(heard);
    this.#wake?.();
  }
}
