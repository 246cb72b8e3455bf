import type { ProtocolError } from './errors.ts';
import type { Message } from './message.ts';

/**
 * Where a `Protocol` reports to, synchronously, while it works. A sink must not throw, and must not
 * call `receive` from within.
 */
export interface ProtocolSink {
  /**
   * A whole message: text as a string, binary as bytes that belong to the sink. Beside them in their
   * `ArrayBuffer` there may be more of what was received: who detaches it, takes that too.
   */
  message(message: Message): void;
  /** A message begins that is streamed: text, or else binary. Where `streaming` is never set, none does. */
  messageStart?(text: boolean): void;
  /**
   * The next bytes of it, which belong to the sink, never none. Of text each piece is valid UTF-8
   * after those before it, and may end within a character. The sink may call `pause`.
   */
  messagePiece?(piece: Uint8Array): void;
  /** It is whole. */
  messageEnd?(): void;
  /** A ping. `answerPing` sends the payload of the last one back: until then it must not change. */
  ping(payload: Uint8Array): void;
  /** A pong, asked for or not. The payload belongs to the sink. */
  pong(payload: Uint8Array): void;
  /** The peer's close frame, with 1005 if it carries no code. An answer is on its way if need be. */
  close(closeCode: number, closeReason: string): void;
  /** The connection failed (§7.1.7), or its stream ended without a close frame. */
  fail(error: ProtocolError): void;
  /** There is something to write where there was nothing: `takeOutput` in this turn. */
  output(): void;
  /** Once what waits is written, our half of the stream is to be ended. */
  end(): void;
}
