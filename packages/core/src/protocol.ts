import { BlockPool } from './block-pool.ts';
import { CloseCode, isSendableCloseCode } from './close-code.ts';
import { decodeClosePayload, encodeClosePayload } from './close-frame.ts';
import { ControlReader } from './control-reader.ts';
import { ProtocolError, UsageError } from './errors.ts';
import { RSV1 } from './extensions/permessage-deflate.ts';
import { FrameDecoder, MAX_CONTROL_PAYLOAD_BYTES } from './frame-decoder.ts';
import { FrameEncoder } from './frame-encoder.ts';
import { heldBytes } from './limits.ts';
import { type Message, messageOpcode } from './message.ts';
import { MessageReader } from './message-reader.ts';
import { MessageWriter, startOf } from './message-writer.ts';
import { isControl, Opcode } from './opcode.ts';
import { type Primitives, purePrimitives } from './primitives.ts';
import { checkOptions, type ProtocolOptions } from './protocol-options.ts';
import type { ProtocolSink } from './protocol-sink.ts';
import type { ProtocolState } from './protocol-state.ts';
import { Slab } from './slab.ts';
import { violations } from './violation.ts';

/**
 * One WebSocket connection as a value: bytes in and events out, commands in and bytes out. It has no
 * socket, no clock and no randomness of its own, and nothing that a peer sends makes it throw.
 */
export class Protocol {
  readonly #role: 'client' | 'server';
  readonly #sink: ProtocolSink;
  readonly #primitives: Primitives;
  readonly #decoder: FrameDecoder;
  readonly #encoder: FrameEncoder;
  readonly #writer: MessageWriter;
  readonly #reader: MessageReader;
  readonly #controls: ControlReader;
  #state: ProtocolState = 'open';
  /** Payload data of the frame in progress that has not come yet. */
  #payloadLeft = 0;
  #paused = false;
  /** What came behind the place where reading was suspended. */
  #rest: Uint8Array | undefined;
  #unansweredPing: Uint8Array | undefined;
  /** Whether the closing handshake is ours (§7.1.2). */
  #closeStarted = false;

  /** Throws `UsageError` `WS_INVALID_OPTION`. */
  constructor(options: ProtocolOptions, sink: ProtocolSink) {
    const { role, primitives = purePrimitives, nextMaskingKey } = options;
    const { limits, rsvAllowed } = checkOptions(options);
    this.#role = role;
    this.#sink = sink;
    this.#primitives = primitives;
    this.#controls = new ControlReader(primitives);
    this.#decoder = new FrameDecoder(role === 'server', rsvAllowed, limits);
    const slab = options.slab ?? new Slab(primitives);
    this.#encoder = new FrameEncoder(slab, primitives, nextMaskingKey);
    this.#writer = new MessageWriter(this.#encoder, sink);
    this.#reader = new MessageReader(
      {
        primitives,
        blocks: options.blocks ?? new BlockPool(primitives),
        maxMessageBytes: limits.maxMessageBytes,
        inflater: options.inflater,
      },
      sink,
    );
  }

  get state(): ProtocolState {
    return this.#state;
  }

  /** Whether TCP should end soon: whoever owns it gives it a deadline (§7.1.1). */
  get closeExpected(): boolean {
    return this.#state !== 'open';
  }

  /**
   * Bytes held because of the peer: the message and the control frame that it has begun and not
   * finished, the ping that waits for its answer, the window of compressed messages, and what has
   * come and waits for `resume`. Without the last two at most `maxMessageBytes` + 634.
   */
  get retainedBytes(): number {
    return (
      this.#reader.retainedBytes +
      heldBytes(this.#rest) +
      this.#controls.retainedBytes +
      heldBytes(this.#unansweredPing)
    );
  }

  /** Whether a frame has begun and not ended, so that more of it must come. */
  get withinFrame(): boolean {
    return this.#state !== 'closed' && this.#decoder.begun;
  }

  /**
   * Whether reading has stopped within what was received: because a compressed message is being
   * inflated elsewhere, or by `pause`. Nothing may be received until `resume` has ended it.
   */
  get suspended(): boolean {
    return (this.#paused && this.#state !== 'closed') || this.#reader.suspended;
  }

  /** Has messages streamed, from what has come of the one in progress on, or put together again. */
  set streaming(streaming: boolean) {
    this.#reader.streaming = streaming;
  }

  /**
   * Has the streamed message in progress put together after all, as if the sink had not been told of
   * it. Nothing of it may have been passed on: `pause` at its start sees to that.
   */
  putTogether(): void {
    this.#reader.putTogether();
  }

  /** How many frames have come whole. */
  get framesReceived(): number {
    return this.#decoder.framesEnded;
  }

  /** How many bytes wait for `takeOutput`. */
  get outputBytes(): number {
    return this.#encoder.byteLength;
  }

  /** The bytes to write, in order. A payload above 16 KiB is the one that was given to `send`. */
  takeOutput(): Uint8Array[] {
    return this.#encoder.take();
  }

  /** The last of what was taken is no longer needed: its memory is there for the next frames. */
  giveBack(output: Uint8Array): void {
    this.#encoder.giveBack(output);
  }

  /**
   * Takes in what came from the peer. The bytes belong to the protocol from here on: payload data is
   * unmasked in place, and a binary message may be a view of them. `lent` bytes are the caller's again when
   * this returns: of them nothing is kept but copies.
   */
  receive(bytes: Uint8Array, lent = false): void {
    this.#reader.lent = lent;
    try {
      this.#parse(bytes);
    } catch (error) {
      this.#failBy(error);
    }
  }

  /**
   * While `open`, has no more messages, and no more pieces of one, come until `resume`. That is due after
   * `close` too: the peer's close frame may be behind the place where reading was suspended.
   */
  pause(): void {
    if (this.#state !== 'open') return;
    this.#paused = true;
    this.#reader.paused = true;
  }

  /** Reads on where `pause`, or an inflater that was not ready, has stopped it. */
  resume(): void {
    this.#paused = false;
    this.#reader.paused = false;
    try {
      this.#reader.resume();
      const rest = this.#rest;
      if (rest === undefined || this.suspended) return;
      this.#rest = undefined;
      this.#reader.lent = false;
      this.#parse(rest);
    } catch (error) {
      this.#failBy(error);
    }
  }

  /** The peer has ended its half of the stream. */
  receiveEnd(): void {
    if (this.#state !== 'closed') this.fail(new ProtocolError('WS_CLOSED_WITHOUT_HANDSHAKE'));
  }

  /**
   * Sends a whole message: a string as text, bytes as binary. Bytes above 16 KiB must not change
   * until they are written. Does nothing when the peer has ended the connection.
   *
   * Throws `UsageError`: `WS_SEND_AFTER_CLOSE` after our own `close`, `WS_UNSUPPORTED_MESSAGE`,
   * `WS_FRAGMENT_OUT_OF_ORDER` while a fragmented message is being sent.
   */
  send(message: Message): void {
    const opcode = messageOpcode(message);
    if (this.#maySend()) this.#writer.message(message, opcode);
  }

  /**
   * Sends a message that was compressed, without its `DEFLATE_TAIL` (RFC 7692 §7.2.1). The bytes must
   * not change until they are written. Throws `UsageError` as `send` does.
   */
  sendDeflated(payload: Uint8Array, text: boolean): void {
    if (this.#maySend()) this.#writer.deflated(payload, text);
  }

  /** Sends a message that is a frame already, from `encodeMessage`; for a server. As `sendDeflated`. */
  sendFrame(frame: Uint8Array): void {
    if (this.#maySend()) this.#writer.frame(frame);
  }

  /**
   * Sends a piece of a fragmented message (§5.4): the first decides by its JavaScript type, or by
   * `start`, whether the message is text or binary, and whether it is compressed; the last has `fin`.
   * A string must not end between the halves of a surrogate pair, for each would be sent as U+FFFD;
   * bytes in a text may end within a character.
   *
   * Throws `UsageError`: `WS_SEND_AFTER_CLOSE`, `WS_UNSUPPORTED_MESSAGE`.
   */
  sendFragment(fragment: Message, fin: boolean, start = startOf(fragment)): void {
    if (this.#maySend()) this.#writer.fragment(fragment, fin, start);
  }

  /** Sends a ping with at most 125 bytes. Throws `UsageError` as `send`, `WS_CONTROL_PAYLOAD_TOO_BIG`. */
  ping(payload: Uint8Array = NO_BYTES): void {
    this.#sendControl(Opcode.Ping, payload);
  }

  /** Sends a pong that nobody asked for (§5.5.3). Throws as `ping` does. */
  pong(payload: Uint8Array = NO_BYTES): void {
    this.#sendControl(Opcode.Pong, payload);
  }

  /**
   * Answers the last ping, if it has not been answered: §5.5.3 allows "to send a Pong frame for only
   * the most recently processed Ping frame", so pings that wait together cost one answer. §5.5.2
   * asks for it "unless it already received a Close frame".
   */
  answerPing(): void {
    const payload = this.#unansweredPing;
    this.#unansweredPing = undefined;
    if (payload !== undefined) this.#writer.control(Opcode.Pong, payload);
  }

  /**
   * Starts the closing handshake (§7.1.2). Does nothing if it has been started, by whomever. Throws
   * `UsageError`: `WS_INVALID_CLOSE_CODE`, `WS_CLOSE_REASON_TOO_LONG`.
   */
  close(closeCode?: number, closeReason = ''): void {
    const payload = encodeClosePayload(closeCode, closeReason, this.#primitives);
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#closeStarted = true;
    // After our own close frame nobody waits for messages any more: so browsers have it, too.
    this.#reader.mute();
    this.#writer.control(Opcode.Close, payload);
  }

  /** _Fail the WebSocket Connection_ (§7.1.7) for a rule that the peer broke. */
  fail(error: ProtocolError): void {
    if (this.#state === 'closed') return;
    const { code, closeCode } = error;
    const mayTell = this.#state === 'open' && isSendableCloseCode(closeCode);
    this.#enterClosed();
    if (mayTell) {
      const reason = violations[code].message;
      this.#writer.control(Opcode.Close, encodeClosePayload(closeCode, reason, this.#primitives));
    }
    this.#sink.fail(error);
    this.#sink.end();
  }

  #parse(bytes: Uint8Array): void {
    const end = bytes.byteLength;
    const decoder = this.#decoder;
    let offset = 0;
    // §1.4, §7.1.7: after the peer's close frame, and after we failed, no data is processed.
    while (this.#state !== 'closed') {
      if (this.suspended) {
        this.#rest = this.#reader.own(bytes, offset, end);
        return;
      }
      if (!decoder.complete) {
        offset = decoder.decode(bytes, offset, end);
        if (!decoder.complete) return;
        this.#beginFrame();
        // The sink may want nothing of a message that begins.
        if (this.suspended) continue;
      }
      offset = this.#takePayload(bytes, offset, Math.min(end, offset + this.#payloadLeft));
      if (this.#payloadLeft > 0) return;
    }
  }

  #beginFrame(): void {
    const { opcode, payloadLength, rsv } = this.#decoder;
    this.#payloadLeft = payloadLength;
    const startsMessage = !isControl(opcode) && opcode !== Opcode.Continuation;
    // RFC 7692 §6: RSV1 of a message's first frame says that it is compressed.
    if (startsMessage) this.#reader.begin(opcode === Opcode.Text, (rsv & RSV1) !== 0);
  }

  /** Takes `bytes[start…end)`, which is payload data of the frame in progress, all or a part. */
  #takePayload(bytes: Uint8Array, start: number, end: number): number {
    const { opcode, fin, maskingKey, payloadLength } = this.#decoder;
    const frameBytesLeft = this.#payloadLeft;
    const position = payloadLength - frameBytesLeft;
    if (maskingKey !== 0) this.#primitives.applyMask(bytes, start, end, maskingKey, position);
    this.#payloadLeft -= end - start;
    const frameEnded = this.#payloadLeft === 0;
    if (frameEnded) this.#decoder.nextFrame();
    if (isControl(opcode)) {
      this.#takeControl(opcode, bytes.subarray(start, end));
    } else {
      this.#reader.take(bytes, start, end, frameBytesLeft, frameEnded && fin);
    }
    return end;
  }

  #takeControl(opcode: Opcode, piece: Uint8Array): void {
    const payload = this.#controls.take(opcode, piece, this.#payloadLeft);
    if (payload === undefined) return;
    if (opcode === Opcode.Close) {
      this.#takeClose(payload);
    } else if (opcode === Opcode.Ping) {
      this.#unansweredPing = payload;
      this.#sink.ping(payload);
    } else {
      this.#sink.pong(payload);
    }
  }

  #takeClose(payload: Uint8Array): void {
    const { closeCode, closeReason } = decodeClosePayload(payload, this.#primitives);
    // §5.5.1: "If an endpoint receives a Close frame and did not previously send a Close frame, the
    // endpoint MUST send a Close frame in response", which "typically echos the status code".
    const mustAnswer = this.#state === 'open';
    this.#enterClosed();
    if (mustAnswer) {
      const echo = closeCode === CloseCode.NoStatusReceived ? undefined : closeCode;
      this.#writer.control(Opcode.Close, encodeClosePayload(echo, '', this.#primitives));
    }
    this.#sink.close(closeCode, closeReason);
    // §7.1.1: the server ends TCP first, so that it, not the client, holds no TIME_WAIT state.
    if (this.#role === 'server') this.#sink.end();
  }

  /** Comes before anything is reported, so that a sink cannot send behind our close frame. */
  #enterClosed(): void {
    this.#state = 'closed';
    this.#controls.discard();
    this.#unansweredPing = undefined;
    this.#rest = undefined;
    this.#reader.close();
  }

  #failBy(error: unknown): void {
    if (!(error instanceof ProtocolError)) throw error;
    this.fail(error);
  }

  #sendControl(opcode: Opcode, payload: Uint8Array): void {
    if (payload.byteLength > MAX_CONTROL_PAYLOAD_BYTES) {
      throw new UsageError('WS_CONTROL_PAYLOAD_TOO_BIG', `not ${payload.byteLength}`);
    }
    if (this.#maySend()) this.#writer.control(opcode, payload);
  }

  /** §5.5.1: "The application MUST NOT send any more data frames after sending a Close frame." */
  #maySend(): boolean {
    if (this.#closeStarted) throw new UsageError('WS_SEND_AFTER_CLOSE');
    return this.#state === 'open';
  }
}

const NO_BYTES = new Uint8Array(0);
