import type { Message, MessageStart, PermessageDeflate, Protocol } from '@heddle/core';
import { Deflater } from '../compression/deflater.ts';
import type { ResolvedCompression } from '../options.ts';
import { type DeflatedMessage, type DeflateForm, PreparedMessage } from './prepared-message.ts';

/** Anything that can be sent as a message. */
export type Sendable = Message | PreparedMessage;

/** How a connection compresses what it sends. */
export interface TransmitterCompression {
  readonly deflater: Deflater;
  readonly form: DeflateForm;
  readonly thresholdBytes: number;
}

/**
 * Puts messages into the protocol: as they are, compressed, or prepared. What takes the compressor
 * longer than a turn should, a thread of its own compresses: then nothing else may be transmitted
 * before the promise is settled.
 */
export class Transmitter {
  readonly #protocol: Protocol;
  /** Whether a prepared frame can be sent as it is: a client's frames are masked, each with its own key. */
  readonly #sharesFrames: boolean;
  readonly #compression: TransmitterCompression | undefined;

  constructor(
    protocol: Protocol,
    role: 'client' | 'server',
    compression: TransmitterCompression | undefined,
  ) {
    this.#protocol = protocol;
    this.#sharesFrames = role === 'server';
    this.#compression = compression;
  }

  /** What the compressor holds, in bytes. */
  get retainedBytes(): number {
    return this.#compression?.deflater.retainedBytes ?? 0;
  }

  /** A whole message, compressed where that was negotiated, `compress` allows it and it is large enough. */
  transmit(message: Sendable, compress: boolean): Promise<void> | undefined {
    const compression = compress ? this.#compression : undefined;
    if (message instanceof PreparedMessage) return this.#transmitPrepared(message, compression);
    if (compression === undefined || byteLengthOf(message) < compression.thresholdBytes) {
      this.#protocol.send(message);
      return undefined;
    }
    const text = typeof message === 'string';
    const deflated = this.#deflate(text ? Buffer.from(message) : message, true);
    if (!(deflated instanceof Promise)) {
      this.#protocol.sendDeflated(deflated, text);
      return undefined;
    }
    return deflated.then((payload) => this.#protocol.sendDeflated(payload, text));
  }

  /** A fragment of a message, compressed where `start` says so. */
  transmitFragment(
    bytes: Uint8Array,
    fin: boolean,
    start: MessageStart,
  ): Promise<void> | undefined {
    const payload = start.compressed ? this.#deflate(bytes, fin) : bytes;
    if (!(payload instanceof Promise)) {
      this.#protocol.sendFragment(payload, fin, start);
      return undefined;
    }
    return payload.then((deflated) => this.#protocol.sendFragment(deflated, fin, start));
  }

  /** Nothing more is transmitted: frees the compressor. */
  close(): void {
    this.#compression?.deflater.close();
  }

  #deflate(bytes: Uint8Array, last: boolean): Uint8Array | Promise<Uint8Array> {
    return this.#compression?.deflater.deflate(bytes, last) ?? bytes;
  }

  #transmitPrepared(
    prepared: PreparedMessage,
    compression: TransmitterCompression | undefined,
  ): Promise<void> | undefined {
    if (compression === undefined || prepared.byteLength < compression.thresholdBytes) {
      if (this.#sharesFrames) this.#protocol.sendFrame(prepared.frame);
      else this.#protocol.send(prepared.message);
      return undefined;
    }
    const deflated = prepared.deflated(compression.form);
    if (deflated instanceof Promise) {
      return deflated.then((done) => this.#sendDeflated(prepared, done, compression.deflater));
    }
    this.#sendDeflated(prepared, deflated, compression.deflater);
    return undefined;
  }

  #sendDeflated(
    { text }: PreparedMessage,
    { frame, payload }: DeflatedMessage,
    deflater: Deflater,
  ): void {
    // The peer's window has this message in it and ours has not: we begin with an empty one, as we may.
    deflater.reset();
    if (this.#sharesFrames) this.#protocol.sendFrame(frame);
    else this.#protocol.sendDeflated(payload, text);
  }
}

/** Of the payload, in bytes. */
function byteLengthOf(message: Sendable): number {
  return typeof message === 'string' ? Buffer.byteLength(message) : message.byteLength;
}

/** How a connection compresses by what was negotiated; `undefined` where it does not. */
export function compressionOf(
  deflate: PermessageDeflate | undefined,
  compression: ResolvedCompression,
): TransmitterCompression | undefined {
  const context = deflate?.compressor;
  if (context === undefined || compression === false) return undefined;
  const { thresholdBytes, level, memLevel } = compression;
  const form = { windowBits: context.windowBits, level, memLevel };
  return { deflater: new Deflater(context, { level, memLevel }), form, thresholdBytes };
}
