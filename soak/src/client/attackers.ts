import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack, Target } from '../hostile/index.ts';

/** What came of the attacks. */
export interface AttackReport {
  /** How often each of them was played to its end, by name. */
  readonly played: Readonly<Record<string, number>>;
  /** How often the server did something else than it should. */
  readonly unexpected: number;
  /** The first of what it did. */
  readonly failures: readonly string[];
}

/** How hard the server is attacked. */
export interface AttackPace {
  /** How many hostile peers play each attack. */
  readonly peers: number;
  /** How long each rests before it plays the same again, in milliseconds. */
  readonly restMs: number;
}

/** How long an attack may take beside all others, when no more are begun. */
const GRACE_MS = 30_000;
const MAX_FAILURES = 20;

/** All hostile peers at once: each plays its attack again and again, and once at least. */
export class Attackers {
  readonly #target: Target;
  readonly #restMs: number;
  readonly #enough = new AbortController();
  readonly #hung = new AbortController();
  readonly #failures: string[] = [];
  readonly #played: Record<string, number> = {};
  readonly #work: Promise<unknown>;
  #unexpected = 0;

  /** So many `peers` play each of `attacks`. */
  constructor(target: Target, attacks: readonly Attack[], { peers, restMs }: AttackPace) {
    this.#target = target;
    this.#restMs = restMs;
    setMaxListeners(0, this.#enough.signal, this.#hung.signal);
    const each = Array.from({ length: peers }, () => attacks).flat();
    this.#work = Promise.all(
      each.map(async (attack, index) => {
        // Evenly: a server that is short of time for all would say more about the machine than about itself.
        await sleep((restMs * index) / each.length);
        await this.#repeat(attack);
      }),
    );
  }

  /** Begins no more attacks, and resolves when those under way have ended. */
  async stop(): Promise<AttackReport> {
    this.#enough.abort();
    const timer = setTimeout(() => this.#hung.abort(new Error('it did not end')), GRACE_MS);
    await this.#work;
    clearTimeout(timer);
    return { played: this.#played, unexpected: this.#unexpected, failures: this.#failures };
  }

  async #repeat(attack: Attack): Promise<void> {
    this.#played[attack.name] ??= 0;
    do {
      try {
        await attack.play(this.#target, this.#hung.signal);
        this.#played[attack.name] = (this.#played[attack.name] ?? 0) + 1;
      } catch (error) {
        this.#unexpected += 1;
        if (this.#failures.length < MAX_FAILURES) this.#failures.push(`${attack.name}: ${error}`);
      }
      await sleep(this.#restMs, undefined, { signal: this.#enough.signal }).catch(() => {});
    } while (!this.#enough.signal.aborted);
  }
}
