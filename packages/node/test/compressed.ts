import { negotiateExtensions, type PermessageDeflate } from '@heddle/core';
import { clientExtensions, serverExtensions } from '../src/compression/extensions.ts';
import type { Connection } from '../src/connection/connection.ts';
import type { ConnectionOptions } from '../src/options.ts';
import { resolveOptions } from '../src/resolve-options.ts';
import { HeldTransport } from './held-transport.ts';
import { openOver } from './open.ts';
import { until } from './turns.ts';

export interface Agreement {
  readonly client: readonly PermessageDeflate[];
  readonly server: readonly PermessageDeflate[];
}

/** What a client and a server with these options agree on. */
export function agree(
  serverCompression: ConnectionOptions['compression'] = true,
  clientCompression: ConnectionOptions['compression'] = true,
): Agreement {
  const [extension] = clientExtensions(resolved(clientCompression));
  const offers = extension?.offers() ?? [];
  const accepted = negotiateExtensions(
    offers.map((parameters) => ({ name: 'permessage-deflate', parameters })),
    serverExtensions(resolved(serverCompression)),
  );
  return {
    client: accepted.flatMap(({ parameters }) => extension?.accept(parameters) ?? []),
    server: accepted.map((offer) => offer.extension),
  };
}

function resolved(compression: ConnectionOptions['compression'] = false) {
  return resolveOptions({ compression }).compression;
}

/** A connection that compresses, over a transport that the test drives. */
export function openCompressing(
  options: ConnectionOptions = {},
  role: 'client' | 'server' = 'server',
  agreement: Agreement = agree(options.compression ?? true),
): { readonly socket: Connection; readonly transport: HeldTransport } {
  const transport = new HeldTransport();
  const start = { role, extensions: agreement[role] };
  return { socket: openOver(transport, { compression: true, ...options }, start), transport };
}

/** What a peer that inflates, with whatever window it has from before, makes of what was written. */
export class InflatingPeer {
  readonly messages: (string | Buffer)[] = [];
  readonly socket: Connection;
  readonly #transport: HeldTransport;
  #read = 0;

  constructor(agreement: Agreement = agree(), role: 'client' | 'server' = 'client') {
    const limits = { maxMessageBytes: 2 ** 26 };
    const { socket, transport } = openCompressing({ limits }, role, agreement);
    socket.on('message', (message) => this.messages.push(message));
    this.socket = socket;
    this.#transport = transport;
  }

  /** Reads what the other has written since the last time, and gives all messages there were. */
  async reads({ written }: HeldTransport, count: number): Promise<readonly (string | Buffer)[]> {
    // A copy: it is unmasked in place.
    this.#transport.delivers(Buffer.from(written.subarray(this.#read)));
    this.#read = written.byteLength;
    await until(() => this.messages.length >= count, `message ${count}`);
    return this.messages;
  }
}

export interface SentFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The frames that were written, unmasked where they were masked. */
export function framesOf(written: Buffer): SentFrame[] {
  const frames: SentFrame[] = [];
  for (let at = 0; at < written.byteLength; ) {
    const [first = 0, second = 0] = written.subarray(at, at + 2);
    const code = second & 0x7f;
    at += 2;
    let length = code;
    if (code === 126) length = written.readUInt16BE(at);
    if (code === 127) length = Number(written.readBigUInt64BE(at));
    at += code === 127 ? 8 : code === 126 ? 2 : 0;
    const masked = second >= 0x80;
    const key = written.subarray(at, at + (masked ? 4 : 0));
    at += key.byteLength;
    const payload = Buffer.from(written.subarray(at, at + length));
    at += length;
    for (const [index, octet] of payload.entries()) {
      if (masked) payload[index] = octet ^ (key[index % 4] ?? 0);
    }
    frames.push({ fin: first >= 0x80, rsv: (first >> 4) & 7, opcode: first & 15, payload });
  }
  return frames;
}

/** Text that compresses to a third, and whose every line is another. */
export function prose(byteLength: number, seed = 0): string {
  let text = '';
  for (let at = seed; text.length < byteLength; at++) {
    text += `{"shed":${at},"weft":"${((at * 2_654_435_761) % 2 ** 32).toString(36)}"}\n`;
  }
  return text.slice(0, byteLength);
}
