import type { Duplex } from 'node:stream';
import { ByteReader } from './byte-reader.ts';
import { type Bytes, equalBytes, formatBytes, textBytes, toBytes } from './bytes.ts';
import { encodeFrame, type FrameDescription, type ReceivedFrame, takeFrame } from './frame.ts';

export interface ScriptedStreamOptions {
  /**
   * A client masks its frames, a server does not (§5.1).
   * @default 'client'
   */
  readonly role?: 'client' | 'server';
  /**
   * How long to wait for what should come, in milliseconds.
   * @default 5_000
   */
  readonly timeoutMs?: number;
}

/** A frame of which a peer fills in what it always does: a client's key is `37 fa 21 3d`, as in §5.7. */
export type PeerFrame = Omit<FrameDescription, 'maskingKey'> &
  Partial<Pick<FrameDescription, 'maskingKey'>>;

/**
 * What a scripted peer does with frames, whatever carries them: TCP, TLS, a pair in memory, a stream of
 * HTTP/2. It does what a test says, right or wrong, and nothing of its own accord: it answers no ping,
 * no close frame and no end of the stream.
 *
 * What is expected and does not come is an error that shows both, after `timeoutMs`.
 */
export abstract class ScriptedStream<Carrier extends Duplex = Duplex> {
  protected readonly stream: Carrier;
  protected readonly reader: ByteReader;
  readonly #masks: boolean;

  constructor(stream: Carrier, options: ScriptedStreamOptions = {}) {
    const { role = 'client', timeoutMs = 5_000 } = options;
    this.stream = stream;
    this.reader = new ByteReader(stream, timeoutMs);
    this.#masks = role === 'client';
  }

  /** Whether the other side has ended its half, or the connection is gone. */
  get ended(): boolean {
    return this.reader.ended;
  }

  /** Why the connection broke, as `ECONNRESET`; `undefined` if it did not. */
  get error(): Error | undefined {
    return this.reader.error;
  }

  /** What has come and was not expected by anyone yet. */
  get pending(): Uint8Array {
    return this.reader.pending;
  }

  /** Writes these bytes, in one piece. */
  sends(bytes: Bytes): void {
    this.stream.write(toBytes(bytes));
  }

  /** Writes a frame. */
  sendsFrame(frame: PeerFrame): void {
    this.sends(this.frame(frame));
  }

  /** The bytes of a frame, for a `sends` of several at once. */
  frame(frame: PeerFrame): Uint8Array {
    return encodeFrame({ maskingKey: this.#masks ? '37 fa 21 3d' : false, ...frame });
  }

  /** Writes pieces of these sizes, the last one again and again, a millisecond apart from each other. */
  async dribble(bytes: Bytes, sizes: readonly number[]): Promise<void> {
    const all = toBytes(bytes);
    for (let offset = 0, turn = 0; offset < all.byteLength; turn++) {
      const size = Math.max(1, sizes[Math.min(turn, sizes.length - 1)] ?? 1);
      const piece = all.subarray(offset, offset + size);
      await new Promise((resolve) => this.stream.write(piece, resolve));
      await new Promise((resolve) => setTimeout(resolve, 1));
      offset += size;
    }
  }

  /** Expects exactly these bytes next. */
  async receives(bytes: Bytes): Promise<void> {
    const expected = toBytes(bytes);
    const wanted = formatBytes(expected);
    const actual = await this.reader.take(expected.byteLength, wanted);
    if (equalBytes(actual, expected)) return;
    throw new Error(`Expected ${wanted}\nbut got  ${formatBytes(actual)}`);
  }

  /** Expects a frame next, whatever its content. */
  receivesFrame(): Promise<ReceivedFrame> {
    return takeFrame(this.reader);
  }

  /** Expects a text message in one frame next. */
  async receivesText(text: string): Promise<void> {
    const { opcode, fin, payload } = await this.receivesFrame();
    if (opcode === 1 && fin && equalBytes(payload, textBytes(text))) return;
    const came = `opcode ${opcode}, fin ${fin}, ${formatBytes(payload)}`;
    throw new Error(`Expected the text ${JSON.stringify(text)}\nbut got a frame: ${came}`);
  }

  /** Expects the end of the other side's half next, and no byte before it. */
  async receivesEnd(): Promise<void> {
    const rest = await this.reader.takeAll('The end of the stream');
    if (rest.byteLength === 0) return;
    throw new Error(`Expected the end of the stream\nbut got  ${formatBytes(rest)}`);
  }

  /** Ends our half (FIN, or END_STREAM of HTTP/2), behind everything that was sent. */
  end(): void {
    this.stream.end();
  }

  /** Breaks the stream, with all that is on its way: RST, or RST_STREAM of HTTP/2. */
  abstract reset(): void;

  /** Closes the stream at once, without a wish to know what the other side makes of it. */
  abstract destroy(): void;

  /** Reads nothing more until `resume`, so that the other side cannot go on writing. */
  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  /** Gives the stream away, with what has come and was not expected. This peer is over. */
  release(): { readonly stream: Duplex; readonly head: Uint8Array } {
    return { stream: this.stream, head: this.reader.release() };
  }
}
