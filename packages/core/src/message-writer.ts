import { UsageError } from './errors.ts';
import type { FrameEncoder } from './frame-encoder.ts';
import type { FrameStart } from './frame-header.ts';
import { type Message, messageOpcode } from './message.ts';
import { firstFrame, type MessageStart } from './message-start.ts';
import { Opcode } from './opcode.ts';
import type { ProtocolSink } from './protocol-sink.ts';

/**
 * Makes frames of messages, and keeps the order of §5.4: no message between the fragments of another.
 * The sink is told when there is something to write where there was nothing.
 */
export class MessageWriter {
  readonly #encoder: FrameEncoder;
  readonly #sink: Pick<ProtocolSink, 'output'>;
  #sendingFragments = false;

  constructor(encoder: FrameEncoder, sink: Pick<ProtocolSink, 'output'>) {
    this.#encoder = encoder;
    this.#sink = sink;
  }

  /** A message as one frame. Throws `WS_FRAGMENT_OUT_OF_ORDER` as the next two do. */
  message(message: Message, opcode: Opcode): void {
    this.#assertBetweenMessages();
    this.#encode({ fin: true, rsv: 0, opcode }, message);
  }

  /** A message that is compressed. */
  deflated(payload: Uint8Array, text: boolean): void {
    this.#assertBetweenMessages();
    this.#encode(firstFrame({ text, compressed: true }, true), payload);
  }

  /** A message that is a frame already. */
  frame(frame: Uint8Array): void {
    this.#assertBetweenMessages();
    const idle = this.#isIdle();
    this.#encoder.append(frame);
    if (idle) this.#sink.output();
  }

  /** The next fragment of a message, the first as `start` says; with `fin` the last. */
  fragment(fragment: Message, fin: boolean, start: MessageStart): void {
    const continuation = { fin, rsv: 0, opcode: Opcode.Continuation };
    const frame = this.#sendingFragments ? continuation : firstFrame(start, fin);
    const idle = this.#isIdle();
    this.#put(frame, fragment);
    this.#sendingFragments = !fin;
    if (idle) this.#sink.output();
  }

  /** A control frame, which may come between fragments (§5.4). */
  control(opcode: Opcode, payload: Uint8Array): void {
    this.#encode({ fin: true, rsv: 0, opcode }, payload);
  }

  #isIdle(): boolean {
    return this.#encoder.byteLength === 0;
  }

  #encode(start: FrameStart, payload: Message): void {
    const idle = this.#isIdle();
    this.#put(start, payload);
    if (idle) this.#sink.output();
  }

  #put(start: FrameStart, payload: Message): void {
    if (typeof payload === 'string') this.#encoder.encodeText(start, payload);
    else this.#encoder.encodeBinary(start, payload);
  }

  #assertBetweenMessages(): void {
    if (this.#sendingFragments) throw new UsageError('WS_FRAGMENT_OUT_OF_ORDER');
  }
}

/** What a message is by the JavaScript type of `fragment`. Throws `WS_UNSUPPORTED_MESSAGE`. */
export function startOf(fragment: Message): MessageStart {
  return { text: messageOpcode(fragment) === Opcode.Text, compressed: false };
}
