/** Something that looks after itself from time to time. */
export interface WheelEntry {
  /** Looks at the clock; returns the time at which to be called again, `undefined` for never. */
  check(now: number): number | undefined;
}

/**
 * One timer for many deadlines that are mostly put off: an entry is looked at when its time has
 * come, and not each time that its deadline moves.
 *
 * The wheel has a clock of its own, which goes on by one tick each time the timer fires, and so stands
 * still while the event loop does: a process that was blocked for a minute has not waited a minute
 * for its peers. The timer runs only while there are entries, and never keeps the process alive.
 */
export class TimerWheel {
  readonly #tickMs: number;
  /** The entries to be checked at a tick. */
  readonly #buckets = new Map<number, Set<WheelEntry>>();
  readonly #tickOf = new Map<WheelEntry, number>();
  #tick = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `tickMs` is how exact the wheel is, in milliseconds; 1 and more. */
  constructor(tickMs: number) {
    this.#tickMs = tickMs;
  }

  /** How long the wheel has run, in milliseconds. */
  get now(): number {
    return this.#tick * this.#tickMs;
  }

  /** How many entries wait to be checked. */
  get size(): number {
    return this.#tickOf.size;
  }

  /** Has `entry` checked once `time` has come, in place of the time that was set before. */
  schedule(entry: WheelEntry, time: number): void {
    this.#remove(entry);
    const tick = Math.max(this.#tick + 1, Math.ceil(time / this.#tickMs));
    const bucket = this.#buckets.get(tick);
    if (bucket === undefined) this.#buckets.set(tick, new Set([entry]));
    else bucket.add(entry);
    this.#tickOf.set(entry, tick);
    this.#timer ??= setInterval(() => this.#turn(), this.#tickMs).unref();
  }

  cancel(entry: WheelEntry): void {
    this.#remove(entry);
    this.#stopIfEmpty();
  }

  #turn(): void {
    this.#tick++;
    const due = this.#buckets.get(this.#tick) ?? [];
    this.#buckets.delete(this.#tick);
    for (const entry of due) {
      // What was checked before it may have cancelled it, or put it off.
      if (this.#tickOf.get(entry) !== this.#tick) continue;
      this.#tickOf.delete(entry);
      const next = entry.check(this.now);
      if (next !== undefined) this.schedule(entry, next);
    }
    this.#stopIfEmpty();
  }

  #remove(entry: WheelEntry): void {
    const tick = this.#tickOf.get(entry);
    if (tick === undefined) return;
    this.#tickOf.delete(entry);
    const bucket = this.#buckets.get(tick);
    bucket?.delete(entry);
    if (bucket?.size === 0) this.#buckets.delete(tick);
  }

  #stopIfEmpty(): void {
    if (this.#tickOf.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

const wheels = new Map<number, TimerWheel>();

/** The wheel of this thread that is as exact as deadlines of `shortestMs` need: a tenth, at most 1 s. */
export function wheelFor(shortestMs: number): TimerWheel {
  const tickMs = Math.min(1_000, Math.max(1, Math.floor(shortestMs / 10)));
  const wheel = wheels.get(tickMs) ?? new TimerWheel(tickMs);
  wheels.set(tickMs, wheel);
  return wheel;
}
