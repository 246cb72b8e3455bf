import { inflateRawSync } from 'node:zlib';
import type { EchoWorkload } from '../workload.ts';
import { type Batch, contentOf, makeBatch } from './batch.ts';
import { plainFrame } from './frame.ts';
import { Peer } from './peer.ts';
import { type Round, Tally } from './round.ts';

/** Messages that come back, compared byte by byte. */
export class EchoLoad {
  readonly #workload: EchoWorkload;
  readonly #batch: Batch;
  readonly #peers: readonly Peer[];

  private constructor(workload: EchoWorkload, batch: Batch, peers: readonly Peer[]) {
    this.#workload = workload;
    this.#batch = batch;
    this.#peers = peers;
  }

  static async open(url: URL, workload: EchoWorkload, raw: boolean): Promise<EchoLoad> {
    const deflate = workload.payload === 'deflated';
    const peers = await Promise.all(
      Array.from({ length: workload.connections }, () => Peer.open(url, { raw, deflate })),
    );
    const { request, answer } = makeBatch(workload);
    const [first] = peers;
    if (first === undefined) throw new Error('no connection');
    if (raw) return new EchoLoad(workload, { request, answer: request }, peers);
    if (!deflate) return new EchoLoad(workload, { request, answer }, peers);
    const message = request.subarray(0, request.length / workload.depth);
    const frame = await answerTo(first, message);
    assertInflates(frame, contentOf('deflated', workload.bytes));
    return new EchoLoad(workload, { request, answer: frame }, peers);
  }

  async run(durationMs: number): Promise<Round> {
    const tally = new Tally(durationMs);
    await Promise.all(this.#peers.map((peer) => this.#exchange(peer, tally)));
    return tally.round();
  }

  close(): void {
    for (const peer of this.#peers) peer.destroy();
  }

  /** Sends a batch, waits for all of its echoes, and sends the next. */
  #exchange(peer: Peer, tally: Tally): Promise<void> {
    const { request } = this.#batch;
    const { depth, pieceBytes, payload } = this.#workload;
    return new Promise((resolve, reject) => {
      let sentAt = performance.now();
      const send = () => {
        if (pieceBytes === undefined) peer.write(request);
        else dribble(peer, request, pieceBytes);
      };
      const answered = () => {
        const now = performance.now();
        if (tally.add(depth, sentAt, now)) {
          sentAt = now;
          send();
        } else {
          resolve();
        }
      };
      peer.ended = reject;
      const compare =
        payload === 'deflated' ? this.#inflating(answered) : this.#comparing(answered);
      peer.received = (bytes) => {
        try {
          compare(bytes);
        } catch (error) {
          reject(error);
        }
      };
      send();
    });
  }

  /** Takes in what comes, and throws at the first byte that is not that of the answer. */
  #comparing(answered: () => void): (bytes: Uint8Array) => void {
    const { answer } = this.#batch;
    let received = 0;
    return (bytes) => {
      const end = received + bytes.length;
      if (Buffer.compare(bytes, answer.subarray(received, end)) !== 0) {
        throw new Error('an echo differs');
      }
      received = end;
      if (received < answer.length) return;
      received = 0;
      answered();
    };
  }

  /** The same for compressed messages, each of which may be compressed in its own way. */
  #inflating(answered: () => void): (bytes: Uint8Array) => void {
    const { bytes: contentBytes, depth } = this.#workload;
    const content = contentOf('deflated', contentBytes);
    let rest = Buffer.alloc(0);
    let missing = depth;
    return (bytes) => {
      rest = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
      while (rest.length >= 4 && rest.length >= frameLength(rest)) {
        const frame = rest.subarray(0, frameLength(rest));
        rest = rest.subarray(frame.length);
        // Nearly all are the same, which is seen sooner.
        if (!frame.equals(this.#batch.answer)) assertInflates(frame, content);
        missing--;
      }
      if (missing > 0) return;
      missing = depth;
      answered();
    };
  }
}

/** Writes piece after piece, each in a turn of its own, so that each is a segment of TCP. */
function dribble(peer: Peer, bytes: Buffer, pieceBytes: number, from = 0): void {
  peer.write(bytes.subarray(from, from + pieceBytes));
  const next = from + pieceBytes;
  if (next < bytes.length) setImmediate(() => dribble(peer, bytes, pieceBytes, next));
}

/** The frame that answers a message, which is shorter than 126 or 65,536 bytes. */
function answerTo(peer: Peer, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let answer = Buffer.alloc(0);
    peer.ended = reject;
    peer.received = (bytes) => {
      answer = Buffer.concat([answer, bytes]);
      if (answer.length >= 4 && answer.length >= frameLength(answer)) resolve(answer);
    };
    peer.write(request);
  });
}

function payloadStart(frame: Buffer): number {
  return frame[1] === 126 ? 4 : 2;
}

function frameLength(frame: Buffer): number {
  const code = frame[1] ?? 0;
  return payloadStart(frame) + (code === 126 ? frame.readUInt16BE(2) : code);
}

/** Throws unless the frame is a compressed message of `content`. */
function assertInflates(frame: Buffer, content: Buffer): void {
  const payload = frame.subarray(payloadStart(frame));
  const inflated = inflateRawSync(
    Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff])]),
  );
  const same =
    plainFrame({ opcode: 1, rsv1: true }, payload).equals(frame) && inflated.equals(content);
  if (!same) throw new Error('an echo differs, or is not compressed');
}
