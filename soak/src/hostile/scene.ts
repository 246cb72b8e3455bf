import { setTimeout as sleep } from 'node:timers/promises';
import {
  acceptFor,
  type HandshakeDescription,
  type HttpResponse,
  SAMPLE_KEY,
  ScriptedPeer,
} from '@heddle/testing';
import { patient } from '../patience.ts';
import type { Attack, Target } from './attack.ts';

/** How long anything may take that should come: all deadlines of the server are shorter, and a machine may be busy. */
export const TIMEOUT_MS = patient(8_000);

/** How many peers of one attack are at work at once, where it has a peer for each of many cases. */
const AT_ONCE = 16;

/** The offer that every attack on compression makes; the server answers with a window of its own choice. */
export const DEFLATE_OFFER = { 'Sec-WebSocket-Extensions': 'permessage-deflate' };

/** One play of an attack: it makes peers, and has them all gone at the end. */
export class Scene {
  readonly #target: Target;
  readonly #signal: AbortSignal;
  readonly #peers = new Set<ScriptedPeer>();
  #over = false;

  constructor(target: Target, signal: AbortSignal) {
    this.#target = target;
    this.#signal = signal;
  }

  get port(): number {
    return this.#target.port;
  }

  /** A peer with a TCP connection, and nothing sent yet. */
  async connect(): Promise<ScriptedPeer> {
    this.#signal.throwIfAborted();
    const peer = await ScriptedPeer.connect({ port: this.port, timeoutMs: TIMEOUT_MS });
    this.adopt(peer);
    return peer;
  }

  /** Has a peer that was made elsewhere gone at the end. */
  adopt(peer: ScriptedPeer): void {
    if (this.#over) peer.destroy();
    else this.#peers.add(peer);
  }

  /** A peer whose handshake was accepted, as it must be. */
  async open(path: string, description: HandshakeDescription = {}): Promise<ScriptedPeer> {
    const peer = await this.connect();
    assertAccepted(await peer.handshake({ path, ...description }));
    return peer;
  }

  /** Opens a peer for each case, a few at once, and lets it go when `script` is done with it. */
  async forEach<Case>(
    cases: Iterable<Case>,
    script: (peer: ScriptedPeer, each: Case) => Promise<void>,
    open: () => Promise<ScriptedPeer> = () => this.open('/echo'),
  ): Promise<void> {
    const left = cases[Symbol.iterator]();
    const worker = async (): Promise<void> => {
      for (let next = left.next(); !next.done && !this.#over; next = left.next()) {
        const peer = await open();
        await script(peer, next.value);
        this.dismiss(peer);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }

  dismiss(peer: ScriptedPeer): void {
    peer.destroy();
    this.#peers.delete(peer);
  }

  /** Rejects when the scene is aborted. */
  async sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#signal });
  }

  /** Nobody stays, and nobody comes any more. */
  end(): void {
    this.#over = true;
    for (const peer of this.#peers) peer.destroy();
  }
}

/** An attack whose peers are all gone at the end, whether it comes to it or is aborted. */
export function defineAttack(name: string, script: (scene: Scene) => Promise<void>): Attack {
  return {
    name,
    async play(target, signal) {
      signal.throwIfAborted();
      const scene = new Scene(target, signal);
      const over = new AbortController();
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), {
          signal: over.signal,
        });
      });
      try {
        await Promise.race([script(scene), aborted]);
      } catch (error) {
        throw error === signal.reason
          ? error
          : new Error(`${name}: ${String(error)}`, { cause: error });
      } finally {
        over.abort();
        scene.end();
      }
    },
  };
}

/** Sees that a handshake with the usual key was accepted. */
export function assertAccepted(response: HttpResponse): void {
  assertStatus(response, 101);
  const accept = response.header('Sec-WebSocket-Accept');
  if (accept !== acceptFor(SAMPLE_KEY)) throw new Error(`Sec-WebSocket-Accept is ${accept}`);
}

export function assertStatus(response: HttpResponse, ...expected: readonly number[]): void {
  if (expected.includes(response.status)) return;
  const { status, body } = response;
  throw new Error(`Expected ${expected.join(' or ')}, but the answer was ${status}: ${body}`);
}
