import { types } from 'node:util';
import { encodeMessage, type Message } from '@heddle/core';
import { Deflater } from '../compression/deflater.ts';
import type { ResolvedCompression } from '../options.ts';
import { nativePrimitives } from './native-primitives.ts';
import { unsupportedMessage } from './unsupported-message.ts';

/** How a connection compresses, as far as the result depends on it. */
export interface DeflateForm
  extends Pick<Exclude<ResolvedCompression, false>, 'level' | 'memLevel'> {
  readonly windowBits: number;
}

/** A message compressed: without a frame, as a client sends it, and within one. */
export interface DeflatedMessage {
  readonly payload: Uint8Array;
  readonly frame: Uint8Array;
}

/**
 * A message for many connections: framed once, and compressed once for each form in which they do.
 * Made by `prepare`.
 */
export class PreparedMessage {
  /** What was prepared. Bytes must not change as long as it is sent. */
  readonly message: Message;
  readonly text: boolean;
  readonly #payload: Uint8Array;
  #frame: Uint8Array | undefined;
  readonly #deflated = new Map<string, DeflatedMessage | Promise<DeflatedMessage>>();

  constructor(message: Message) {
    this.message = message;
    this.text = typeof message === 'string';
    this.#payload = typeof message === 'string' ? Buffer.from(message) : message;
  }

  /** Of the payload, before it is compressed. */
  get byteLength(): number {
    return this.#payload.byteLength;
  }

  /** The message as a server's frame, always the same bytes. */
  get frame(): Uint8Array {
    this.#frame ??= this.#encode(this.#payload, false);
    return this.#frame;
  }

  /** The message compressed; a large one by a thread of its own, once for all who wait for it. */
  deflated(form: DeflateForm): DeflatedMessage | Promise<DeflatedMessage> {
    const key = `${form.windowBits} ${form.level} ${form.memLevel}`;
    const known = this.#deflated.get(key);
    if (known !== undefined) return known;
    const deflated = this.#deflate(form);
    this.#deflated.set(key, deflated);
    if (deflated instanceof Promise) {
      const done = (message: DeflatedMessage) => this.#deflated.set(key, message);
      // What failed may be tried again.
      deflated.then(done, () => this.#deflated.delete(key));
    }
    return deflated;
  }

  #deflate(form: DeflateForm): DeflatedMessage | Promise<DeflatedMessage> {
    // With an empty window, so that any connection can read it, whatever it was sent before.
    const deflater = new Deflater({ windowBits: form.windowBits, takeover: false }, form);
    const deflated = deflater.deflate(this.#payload, true);
    if (!(deflated instanceof Promise)) return this.#framed(deflated);
    return deflated.then((payload) => this.#framed(payload));
  }

  #framed(payload: Uint8Array): DeflatedMessage {
    const frame = this.#encode(payload, true);
    return { frame, payload: frame.subarray(frame.byteLength - payload.byteLength) };
  }

  #encode(payload: Uint8Array, compressed: boolean): Uint8Array {
    return encodeMessage(payload, { text: this.text, compressed }, nativePrimitives);
  }
}

/**
 * Frames `message` once, for many sockets: `socket.send(prepare(message))`. A string is text, bytes are
 * binary, and must not change as long as it is sent.
 *
 * Throws `UsageError` `WS_UNSUPPORTED_MESSAGE`.
 */
export function prepare(message: string | Uint8Array): PreparedMessage {
  // Not `instanceof`: test runners and `node:vm` have a `Uint8Array` of their own.
  if (typeof message === 'string' || types.isUint8Array(message))
    return new PreparedMessage(message);
  throw unsupportedMessage(message);
}
