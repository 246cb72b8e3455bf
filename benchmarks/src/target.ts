import type { Figures } from './figures.ts';

/** What is asked of Heddle in one workload, as ratios of the server's CPU time within one run. */
export interface Target {
  /** How many times less than `ws` it must take, by documented APIs alone. */
  readonly documented: number;
  /** The same with everything that `HEDDLE_FAST_PATHS=all` turns on. */
  readonly fast: number;
  /** At most so many times what another server takes, with the same. */
  readonly beside: Readonly<Record<string, number>>;
}

/** By the name of the workload. */
export const targets: Readonly<Record<string, Target>> = {
  'echo 16 B, 100 × 32': target(14, 20, { net: 1.15, bun: 0.9 }),
  'echo 1 KiB, 100 × 32': target(12, 18, { net: 0.9, bun: 0.6 }),
  'echo 1 KiB, 100 × 1': target(1.5, 1.9, { net: 0.7, bun: 1.05 }),
  'echo 1 KiB, 1 × 1': target(1.25, 1.75, { net: 0.85, bun: 1 }),
  'echo 16 KiB, 100 × 1': target(3.5, 5, { net: 0.8, bun: 0.6 }),
  'echo 64 KiB, 1 × 1': target(1.8, 3.5, { net: 0.85, bun: 0.65 }),
  'echo 1 MiB, 1 × 1': target(2.7, 4.3, { net: 1, bun: 0.6 }),
  'text 1 KiB ascii, 100 × 32': target(7, 10, { bun: 0.8 }),
  'deflate 1 KiB JSON, 1 × 32': target(3, 8.5, { bun: 0.95 }),
  'broadcast 128 B to 1,000, 1 a turn': target(1.4, 1.5, { bun: 1.3 }),
  'broadcast 128 B to 1,000, 8 a turn': target(10, 10, { bun: 1 }),
  'connect, echo, close': target(1.7, 2.5, { bun: 1.7 }),
  'echo 1 MiB in 1,000 fragments': target(2.8, 7, {}),
  'echo 1 KiB, dribbled 7 B at a time': target(1.1, 1.35, {}),
};

/** What is asked of a connection's memory: at most so many bytes, or times what it takes in another server. */
export type MemoryTarget =
  | { readonly server: string; readonly mostBytes: number }
  | { readonly server: string; readonly most: number; readonly of: string };

/** By the name of the workload. */
export const memoryTargets: Readonly<Record<string, readonly MemoryTarget[]>> = {
  'idle connection': [
    { server: 'heddle, documented', most: 0.8, of: 'ws' },
    { server: 'heddle', most: 1, of: 'net' },
  ],
  'idle after a compressed message': [
    { server: 'heddle', mostBytes: 9_000 },
    { server: 'heddle', most: 1 / 25, of: 'ws' },
  ],
};

/** One thing that was asked, and whether it was seen. */
export interface Verdict {
  readonly line: string;
  readonly met: boolean;
}

/** A verdict for each thing that was asked, as far as those it names were measured. */
export function judge(
  { documented, fast, beside }: Target,
  figuresOf: (server: string) => Figures | undefined,
): readonly Verdict[] {
  const [ours, plain] = [figuresOf('heddle'), figuresOf('heddle, documented')];
  const ws = figuresOf('ws');
  const lines = [
    atLeast('documented', documented, ws, plain),
    atLeast('fast', fast, ws, ours),
    ...Object.entries(beside).map(([server, most]) =>
      atMost(server, most, ours, figuresOf(server)),
    ),
  ];
  return lines.filter((line) => line !== undefined);
}

/** The same for what a connection takes in memory, in bytes. */
export function judgeMemory(
  wanted: readonly MemoryTarget[],
  bytesOf: (server: string) => number | undefined,
): readonly Verdict[] {
  return wanted.flatMap((each) => {
    const ours = bytesOf(each.server);
    if (ours === undefined) return [];
    if ('mostBytes' in each) {
      const line = `${each.server}: ${ours.toFixed(0)} bytes, at most ${each.mostBytes}`;
      return [{ line, met: ours <= each.mostBytes }];
    }
    const other = bytesOf(each.of);
    if (other === undefined) return [];
    const ratio = ours / other;
    const line = `${each.server}: ${ratio.toFixed(2)} × ${each.of}, at most ${each.most}`;
    return [{ line, met: ratio <= each.most }];
  });
}

function target(documented: number, fast: number, beside: Target['beside']): Target {
  return { documented, fast, beside };
}

function atLeast(name: string, least: number, ws: Figures | undefined, ours: Figures | undefined) {
  if (ws === undefined || ours === undefined) return undefined;
  const ratio = ws.cpuMicroseconds / ours.cpuMicroseconds;
  return { line: `${name}: ws takes ${ratio.toFixed(2)} ×, of ${least}`, met: ratio >= least };
}

function atMost(
  server: string,
  most: number,
  ours: Figures | undefined,
  other: Figures | undefined,
) {
  if (ours === undefined || other === undefined) return undefined;
  const ratio = ours.cpuMicroseconds / other.cpuMicroseconds;
  return { line: `beside ${server}: ${ratio.toFixed(2)} ×, at most ${most}`, met: ratio <= most };
}
