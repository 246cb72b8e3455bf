import type { AttackReport } from './client/attackers.ts';
import type { Latency } from './client/tally.ts';
import { faultsIn, liveBytes, MEMORY_GROWTH, type SoakReport, unhandledErrors } from './report.ts';
import type { ServerStats } from './server-stats.ts';

const NAME_WIDTH = 26;

/** A report in lines for a human. */
export function formatReport(report: SoakReport): readonly string[] {
  const { attacks, clients, empty } = report;
  const partings = Object.entries(clients.partings).map(([how, count]) => `${count} ${how}`);
  const faults = faultsIn(report);
  return [
    row('messages echoed', `${clients.received} of ${clients.sent} sent`),
    row('connections', `${clients.connections}: ${partings.join(', ')}`),
    row('attacks played', plays(attacks)),
    '',
    row('messages lost', clients.lost),
    row('corrupted', clients.corrupted),
    row('repeated', clients.repeated),
    row('wrong closes', clients.wrongCloses),
    row('connections refused', clients.refused),
    row('unhandled errors', unhandledErrors(report)),
    row('unexpected outcomes', attacks.unexpected),
    row('connections left', `${empty.echo.connections}, of bad routes ${empty.routed.connections}`),
    '',
    row('latency without attack', latency(report.quiet)),
    row('latency beside it', latency(report.attacked)),
    '',
    row('memory before', memory(report.fresh)),
    row('memory start', memory(report.start)),
    row('memory peak', `${mebibytes(report.peakBytes)} MiB resident`),
    row('memory end', memory(report.end)),
    row('without a client', memory(empty)),
    '',
    ...[...clients.failures, ...attacks.failures, ...empty.troubles].map((what) => `  ${what}`),
    ...faults.map((fault) => `FAILED: ${fault}`),
    `${faults.length} faults; what lives may grow by ${mebibytes(MEMORY_GROWTH.whole)} MiB, and from ` +
      `start to end by ${MEMORY_GROWTH.eachClient / 1_024} KiB for each client besides`,
  ];
}

function row(name: string, value: string | number): string {
  return `  ${name.padEnd(NAME_WIDTH)}${value}`;
}

function plays({ played }: AttackReport): string {
  const counts = Object.entries(played).toSorted(([, one], [, other]) => one - other);
  const sum = counts.reduce((total, [, count]) => total + count, 0);
  const [rarest, times] = counts[0] ?? ['none', 0];
  return `${sum} times, ${counts.length} of them; ${rarest}: ${times} times only`;
}

function latency({ messages, p50Ms, p99Ms, mostMs, ownP99Ms }: Latency): string {
  const own = `the clients' own loop p99 ${ownP99Ms.toFixed(1)} ms`;
  const times = `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, most ${mostMs.toFixed(0)} ms`;
  return `${times} (${messages} messages; ${own})`;
}

function memory(stats: ServerStats): string {
  const live = `${mebibytes(liveBytes(stats))} MiB live`;
  const resident = `${mebibytes(stats.memory.rss)} MiB resident`;
  return `${live}, ${resident}, ${stats.connections} connections`;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
