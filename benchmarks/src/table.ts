import type { Figures } from './figures.ts';
import { measured, type Outcome } from './measure.ts';
import type { Verdict } from './target.ts';

const NAME_WIDTH = 36;
const CELL_WIDTH = 11;

/** What servers took in one workload, by their names. */
export function timedTable(
  workload: string,
  outcomes: ReadonlyMap<string, Outcome<Figures>>,
): readonly string[] {
  const ws = measured(outcomes.get('ws'))?.cpuMicroseconds;
  const cells = ({ cpuMicroseconds, perSecond, p50Ms, p99Ms, spread }: Figures) => [
    cpuMicroseconds.toFixed(2),
    ws === undefined ? '' : `÷ ${(ws / cpuMicroseconds).toFixed(2)}`,
    perSecond.toFixed(0),
    p50Ms.toFixed(3),
    p99Ms.toFixed(3),
    `${(spread * 100).toFixed(0)} %`,
  ];
  const head = ['CPU µs/msg', 'CPU of ws', 'msg/s', 'p50 ms', 'p99 ms', 'spread'];
  return table(workload, head, outcomes, cells);
}

/** What a connection to servers takes in memory, by their names. */
export function memoryTable(
  workload: string,
  outcomes: ReadonlyMap<string, Outcome<number>>,
): readonly string[] {
  const ws = measured(outcomes.get('ws'));
  const cells = (bytes: number) => [
    bytes.toFixed(0),
    ws === undefined ? '' : `× ${(bytes / ws).toFixed(2)}`,
  ];
  return table(workload, ['bytes each', 'of ws'], outcomes, cells);
}

export function verdictLine({ line, met }: Verdict): string {
  return `  ${met ? 'met   ' : 'MISSED'} ${line}`;
}

function table<T>(
  title: string,
  head: readonly string[],
  outcomes: ReadonlyMap<string, Outcome<T>>,
  cells: (value: T) => readonly string[],
): readonly string[] {
  const rows = [...outcomes].map(([name, outcome]) =>
    'value' in outcome ? row(`  ${name}`, cells(outcome.value)) : `  ${name}: ${outcome.error}`,
  );
  return ['', row(title, head), ...rows];
}

function row(name: string, cells: readonly string[]): string {
  return name.padEnd(NAME_WIDTH) + cells.map((cell) => cell.padStart(CELL_WIDTH)).join('');
}
