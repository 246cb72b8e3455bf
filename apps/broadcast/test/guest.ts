import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { expect, onTestFinished } from 'vitest';
import {
  CHUNK_BYTES,
  CHUNK_HEADER_BYTES,
  readChunkHeader,
  writeChunkHeader,
} from '../src/shared/chunk.ts';
import { SUBPROTOCOL } from '../src/shared/subprotocol.ts';
import type { ClientMessage, IncomingInfo, ServerMessage } from '../src/shared/wire.ts';

type Heard<T extends ServerMessage['type']> = Extract<ServerMessage, { readonly type: T }>;

/** A chunk as it came. */
export interface Chunk {
  readonly id: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** The SHA-256 of all these bytes. */
export function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** Bytes of which no two chunks are the same. */
export function someBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 31 + (at >> 8) * 17 + (at >> 16)) & 0xff;
  return bytes;
}

/** Lets people come in, one after the other. */
export async function enter<const Names extends readonly string[]>(
  url: string,
  ...names: Names
): Promise<{ [K in keyof Names]: Guest }>;
export async function enter(url: string, ...names: string[]): Promise<Guest[]> {
  const guests: Guest[] = [];
  for (const name of names) guests.push(await Guest.enter(url, name));
  return guests;
}

/** Somebody who speaks the page's language over a real socket, and does exactly what the test says. */
export class Guest {
  readonly socket: WebSocket;
  readonly #heard: ServerMessage[] = [];
  readonly #chunks: Chunk[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(url: string, name: string) {
    const address = `${url.replace('http', 'ws')}/socket?name=${encodeURIComponent(name)}`;
    this.socket = new WebSocket(address, SUBPROTOCOL);
    this.socket.binaryType = 'arraybuffer';
    this.socket.addEventListener('message', ({ data }) => this.#take(data));
    this.socket.addEventListener('close', () => this.#wake());
    onTestFinished(() => this.socket.close());
  }

  /** Comes in. */
  static async enter(url: string, name: string): Promise<Guest> {
    const guest = new Guest(url, name);
    await guest.hears('welcome');
    return guest;
  }

  /** The next message of this type that has not been heard yet. */
  async hears<T extends ServerMessage['type']>(type: T): Promise<Heard<T>> {
    const is = (message: ServerMessage): message is Heard<T> => message.type === type;
    return await this.#wait(`no ${type}`, () => {
      const message = this.#heard.find(is);
      if (message !== undefined) this.#heard.splice(this.#heard.indexOf(message), 1);
      return message;
    });
  }

  /** The next chunk of this file. */
  async chunk(id: number): Promise<Chunk> {
    return await this.#wait(`no chunk of ${id}`, () => {
      const index = this.#chunks.findIndex((chunk) => chunk.id === id);
      return index < 0 ? undefined : this.#chunks.splice(index, 1)[0];
    });
  }

  /** What was heard of this type and not asked for. */
  unheard(type: ServerMessage['type']): ServerMessage[] {
    return this.#heard.filter((message) => message.type === type);
  }

  /** How many bytes have come of which nobody has asked. */
  get waitingBytes(): number {
    return this.#chunks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  }

  say(message: ClientMessage): void {
    this.raw(JSON.stringify(message));
  }

  raw(message: string | Uint8Array<ArrayBuffer>): void {
    this.socket.send(message);
  }

  sendChunk(id: number, offset: number, bytes: Uint8Array): void {
    const message = new Uint8Array(CHUNK_HEADER_BYTES + bytes.byteLength);
    writeChunkHeader(message, { id, offset });
    message.set(bytes, CHUNK_HEADER_BYTES);
    this.raw(message);
  }

  /** Offers a file and sends as much of it as is said, without its end. */
  async starts(name: string, bytes: Uint8Array, until = bytes.byteLength): Promise<number> {
    this.say({ type: 'offer', ref: 1, name, size: bytes.byteLength });
    const { id } = await this.hears('accepted');
    for (let offset = 0; offset < until; offset += CHUNK_BYTES) {
      this.sendChunk(id, offset, bytes.subarray(offset, offset + CHUNK_BYTES));
    }
    return id;
  }

  /** Offers a file and sends all of it. */
  async sends(name: string, bytes: Uint8Array): Promise<number> {
    const id = await this.starts(name, bytes);
    this.say({ type: 'end', id, sha256: sha256(bytes) });
    return id;
  }

  /** Takes the next file that is offered, as a page does, and returns its checksum. */
  async receives(): Promise<string> {
    return await this.takes(await this.hears('incoming'));
  }

  /** Takes a file from this byte on, which follow on `before`, and returns the checksum of both. */
  async takes({ id, size }: IncomingInfo, before = new Uint8Array(0)): Promise<string> {
    const parts: Uint8Array[] = [before];
    let taken = before.byteLength;
    this.say({ type: 'want', id, from: taken });
    while (taken < size) {
      const { offset, bytes } = await this.chunk(id);
      expect(offset).toBe(taken);
      taken += bytes.byteLength;
      parts.push(bytes);
      this.say({ type: 'ack', id, bytes: taken });
    }
    const complete = await this.hears('complete');
    const here = sha256(...parts);
    expect(complete).toMatchObject({ id, serverSha256: here, senderSha256: here });
    this.say({ type: 'received', id, sha256: here });
    return here;
  }

  /** Resolves with how the connection ended. */
  async closed(): Promise<{ readonly code: number; readonly reason: string }> {
    const { code, reason } = await new Promise<CloseEvent>((resolve) => {
      this.socket.addEventListener('close', resolve);
    });
    return { code, reason };
  }

  /** Goes, and is gone for the server. */
  async leaves(): Promise<void> {
    const closed = once(this.socket, 'close');
    this.socket.close();
    await closed;
  }

  #take(data: string | ArrayBuffer): void {
    if (typeof data === 'string') {
      this.#heard.push(JSON.parse(data));
    } else {
      const message = new Uint8Array(data);
      const header = readChunkHeader(message);
      if (header === undefined) throw new Error('A chunk without a header');
      this.#chunks.push({ ...header, bytes: message.subarray(CHUNK_HEADER_BYTES) });
    }
    this.#wake();
  }

  async #wait<T>(what: string, look: () => T | undefined): Promise<T> {
    for (let found = look(); ; found = look()) {
      if (found !== undefined) return found;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`Closed, and ${what}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
