import type { BroadcastWorkload } from '../workload.ts';
import { contentOf } from './batch.ts';
import { maskedFrame, plainFrame } from './frame.ts';
import { Peer } from './peer.ts';
import { type Round, Tally } from './round.ts';
import { joinSocketIo, socketIoEvent } from './socket-io.ts';

/** Messages that one client sends and all get, compared byte by byte. */
export class BroadcastLoad {
  readonly #peers: readonly Peer[];
  readonly #request: Buffer;
  readonly #answer: Buffer;
  readonly #perTurn: number;

  private constructor(workload: BroadcastWorkload, peers: readonly Peer[], socketIo: boolean) {
    const content = contentOf('ascii', workload.bytes);
    const payload = socketIo ? socketIoEvent(content) : content;
    const times = (frame: Buffer) => Buffer.concat(Array(workload.perTurn).fill(frame));
    this.#peers = peers;
    this.#request = times(maskedFrame({ opcode: 1 }, payload));
    this.#answer = times(plainFrame({ opcode: 1 }, payload));
    this.#perTurn = workload.perTurn;
  }

  static async open(
    url: URL,
    workload: BroadcastWorkload,
    socketIo: boolean,
  ): Promise<BroadcastLoad> {
    const peers: Peer[] = [];
    while (peers.length < workload.connections) {
      const opening = Array.from({ length: 50 }, () =>
        socketIo ? joinSocketIo(url) : Peer.open(url),
      );
      peers.push(...(await Promise.all(opening)));
    }
    return new BroadcastLoad(workload, peers, socketIo);
  }

  /** Counts deliveries. */
  async run(durationMs: number): Promise<Round> {
    const tally = new Tally(durationMs);
    let more = true;
    while (more) {
      const sentAt = performance.now();
      await this.#deliver();
      more = tally.add(this.#peers.length * this.#perTurn, sentAt, performance.now());
    }
    return tally.round();
  }

  close(): void {
    for (const peer of this.#peers) peer.destroy();
  }

  #deliver(): Promise<void> {
    const answer = this.#answer;
    return new Promise((resolve, reject) => {
      let waiting = this.#peers.length;
      for (const peer of this.#peers) {
        let received = 0;
        peer.ended = reject;
        peer.received = (bytes) => {
          const end = received + bytes.length;
          if (Buffer.compare(bytes, answer.subarray(received, end)) !== 0) {
            reject(new Error('a message differs'));
          }
          received = end;
          if (received === answer.length && --waiting === 0) resolve();
        };
      }
      this.#peers[0]?.write(this.#request);
    });
  }
}
