import { on, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Random } from '../random.ts';

/** How long an echo may take beside all that the others do. */
const PATIENCE_MS = 10_000;

/** A client of `ws` that behaves well, and whose compressed messages are to come back all the while. */
export class Bystander {
  readonly #client: WebSocket;
  readonly #random: Random;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  echoes = 0;
  slowestMs = 0;
  failure: string | undefined;

  private constructor(client: WebSocket, seed: number) {
    this.#client = client;
    this.#random = new Random(seed);
    this.#done = this.#run().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.failure = `the client beside it: ${error}`;
    });
  }

  static async open(port: number, seed: number): Promise<Bystander> {
    const client = new WebSocket(`ws://127.0.0.1:${port}/echo`, {
      perMessageDeflate: { threshold: 0 },
    });
    await once(client, 'open');
    if (client.extensions === '') throw new Error('the client beside it negotiated nothing');
    return new Bystander(client, seed);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
    this.#client.terminate();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const messages = on(this.#client, 'message', { signal, close: ['close'] });
    for (;;) {
      const length = this.#random.size(20_000);
      const text = `${this.#random.next()} wörds `.repeat(Math.ceil(length / 15));
      const timeout = setTimeout(() => this.#client.terminate(), PATIENCE_MS);
      const sentAt = performance.now();
      this.#client.send(text);
      const { done, value } = await messages.next();
      clearTimeout(timeout);
      if (done === true) throw new Error('no echo');
      if (String(value[0]) !== text) throw new Error('an echo differs');
      this.echoes++;
      this.slowestMs = Math.max(this.slowestMs, performance.now() - sentAt);
      await sleep(20, undefined, { signal });
    }
  }
}
