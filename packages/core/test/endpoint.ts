import type { ProtocolError } from '../src/errors.ts';
import type { Message } from '../src/message.ts';
import { Protocol } from '../src/protocol.ts';
import type { ProtocolOptions } from '../src/protocol-options.ts';
import type { ProtocolSink } from '../src/protocol-sink.ts';
import { type FrameFields, frameBytes } from './frame-bytes.ts';
import { fromHex, joinBytes, toHex } from './hex.ts';

export type Role = ProtocolOptions['role'];
export const ROLES: readonly Role[] = ['client', 'server'];

/** What a sink was told, as a value. Bytes are in hex, so that a difference can be read. */
export type Event =
  | { readonly message: string }
  | { readonly message: { readonly hex: string } }
  | { readonly start: 'text' | 'binary' }
  | { readonly piece: string }
  | { readonly ended: 'message' }
  | { readonly ping: string }
  | { readonly pong: string }
  | { readonly close: number; readonly reason: string }
  | { readonly fail: string; readonly closeCode: number }
  | 'end';

/** The key of a client's frames in tests that look at them: that of RFC 6455 §5.7. */
export const MASKING_KEY = [0x37, 0xfa, 0x21, 0x3d] as const;

/**
 * A real `Protocol` with a sink that writes down what it is told. Frames that it sends are in
 * `written()`. What a callback does besides is up to the test: `on` is called after the writing down.
 */
export class Endpoint {
  readonly protocol: Protocol;
  readonly events: Event[] = [];
  /** How often there was something to write where there was nothing. */
  outputs = 0;
  error: ProtocolError | undefined;
  readonly #written: Uint8Array[] = [];

  constructor(
    role: Role,
    options: Partial<Omit<ProtocolOptions, 'role'>> = {},
    on: Partial<ProtocolSink> = {},
  ) {
    const nextMaskingKey = role === 'client' ? { nextMaskingKey: () => 0x37fa213d } : {};
    this.protocol = new Protocol({ role, ...nextMaskingKey, ...options }, this.#sink(on));
  }

  /** Feeds a copy: the protocol unmasks in place. */
  receive(bytes: Uint8Array | string): this {
    this.protocol.receive(typeof bytes === 'string' ? fromHex(bytes) : bytes.slice());
    return this;
  }

  /** Feeds the bytes one by one. */
  receiveEach(bytes: Uint8Array): this {
    for (const octet of bytes) this.protocol.receive(Uint8Array.of(octet));
    return this;
  }

  /** Everything written so far. */
  written(): Uint8Array {
    this.#written.push(...this.protocol.takeOutput());
    return joinBytes(this.#written);
  }

  writtenHex(): string {
    return toHex(this.written());
  }

  #sink(on: Partial<ProtocolSink>): ProtocolSink {
    const note = (event: Event): void => {
      this.events.push(event);
    };
    return {
      message: (message) => {
        note(messageEvent(message));
        on.message?.(message);
      },
      messageStart: (text) => {
        note({ start: text ? 'text' : 'binary' });
        on.messageStart?.(text);
      },
      messagePiece: (piece) => {
        note({ piece: toHex(piece) });
        on.messagePiece?.(piece);
      },
      messageEnd: () => {
        note({ ended: 'message' });
        on.messageEnd?.();
      },
      ping: (payload) => {
        note({ ping: toHex(payload) });
        on.ping?.(payload);
      },
      pong: (payload) => {
        note({ pong: toHex(payload) });
        on.pong?.(payload);
      },
      close: (close, reason) => {
        note({ close, reason });
        on.close?.(close, reason);
      },
      fail: (error) => {
        this.error = error;
        note({ fail: error.code, closeCode: error.closeCode });
        on.fail?.(error);
      },
      output: () => {
        this.outputs++;
        on.output?.();
      },
      end: () => {
        note('end');
        on.end?.();
      },
    };
  }
}

export function messageEvent(message: Message): Event {
  return typeof message === 'string' ? { message } : { message: { hex: toHex(message) } };
}

/** The input of an endpoint whose role is `role`: a server's peer masks, a client's does not. */
export function toEndpoint(role: Role, frame: FrameFields): Uint8Array {
  return frameBytes(role === 'server' ? { maskingKey: [1, 2, 3, 4], ...frame } : frame);
}
