import type { Round } from './load/round.ts';

/** What one round showed of a server. */
export interface Sample {
  readonly round: Round;
  /** The server's CPU time, user and system, for one message. */
  readonly cpuMicroseconds: number;
}

/** What all rounds together say of a server. */
export interface Figures {
  /** Of the quiet quintile: what else the machine does can only make a round dearer. */
  readonly cpuMicroseconds: number;
  /** By how much of that the rounds' median is above it. */
  readonly spread: number;
  /** The median of the rounds. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function figuresOf(samples: readonly Sample[]): Figures {
  const cpu = samples.map(({ cpuMicroseconds }) => cpuMicroseconds);
  const quiet = quantile(cpu, 0.2);
  const rounds = samples.map(({ round }) => round);
  return {
    cpuMicroseconds: quiet,
    spread: median(cpu) / quiet - 1,
    perSecond: median(rounds.map(({ messages, seconds }) => messages / seconds)),
    p50Ms: median(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(rounds.map(({ p99Ms }) => p99Ms)),
  };
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that has at least the share of all values up to it. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
