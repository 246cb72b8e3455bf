import type { HandshakeWorkload } from '../workload.ts';
import { makeBatch } from './batch.ts';
import { maskedFrame } from './frame.ts';
import { Peer } from './peer.ts';
import { type Round, Tally } from './round.ts';

const { request, answer } = makeBatch({
  kind: 'echo',
  name: '',
  bytes: 16,
  connections: 1,
  depth: 1,
  payload: 'binary',
});

/** A close frame with 1000, and the one that answers it. */
const CLOSE = maskedFrame({ opcode: 8 }, Buffer.from([0x03, 0xe8]));

/** Connections that are opened, echo one message, and are closed. */
export class HandshakeLoad {
  readonly #url: URL;
  readonly #beside: number;

  constructor(url: URL, { connections }: HandshakeWorkload) {
    this.#url = url;
    this.#beside = connections;
  }

  async run(durationMs: number): Promise<Round> {
    const tally = new Tally(durationMs);
    await Promise.all(Array.from({ length: this.#beside }, () => this.#repeat(tally)));
    return tally.round();
  }

  close(): void {}

  async #repeat(tally: Tally): Promise<void> {
    let more = true;
    while (more) {
      const began = performance.now();
      await connectEchoClose(this.#url);
      more = tally.add(1, began, performance.now());
    }
  }
}

async function connectEchoClose(url: URL): Promise<void> {
  const peer = await Peer.open(url);
  await new Promise<void>((resolve, reject) => {
    let received = 0;
    peer.ended = reject;
    peer.received = (bytes) => {
      received += bytes.length;
      if (received === answer.length) peer.write(CLOSE);
      // The server's close frame: it may have a reason.
      else if (received > answer.length) resolve();
    };
    peer.write(request);
  });
  peer.destroy();
}
