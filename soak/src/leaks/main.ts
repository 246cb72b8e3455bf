import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Lap, runLeaks } from './leak-run.ts';
import { HEAP_GROWTH_BYTES, leaksIn } from './leak-verdict.ts';

/** `npm run soak:leaks -- --connections 100000 --looks 5`; `--server` is another program than ours, for tests. */
const { values } = parseArgs({
  options: {
    connections: { type: 'string', default: '100000' },
    looks: { type: 'string', default: '5' },
    server: { type: 'string', default: fileURLToPath(new URL('server.ts', import.meta.url)) },
  },
});

const { server } = values;
const connections = Number(values.connections);
if (!(connections >= 100)) throw new RangeError('--connections must be 100 or more');
console.log(`Node ${process.version}, ${connections} connections`);
const looks = Number(values.looks);
if (!(looks >= 2)) throw new RangeError('--looks must be 2 or more');
const laps = await runLeaks({ connections, looks, server, onLap: printHeap });
printCounts(laps);
const leaks = leaksIn(laps);
for (const leak of leaks) console.log(`LEAK: ${leak}`);
console.log(
  `\n${leaks.length} leaks from a fifth of the run to its end; ` +
    `the heap may grow by ${mebibytes(HEAP_GROWTH_BYTES)} MiB, and nothing else at all`,
);
if (leaks.length > 0) process.exitCode = 1;

function printHeap({ connections: so, client, server: served }: Lap): void {
  const heaps = `${mebibytes(client.heapBytes)} MiB client, ${mebibytes(served.heapBytes)} MiB server`;
  console.log(`  after ${String(so).padStart(7)} connections: heap ${heaps}`);
}

function printCounts(all: readonly Lap[]): void {
  for (const side of ['client', 'server'] as const) {
    console.log(`\n  what the ${side} holds, at each look`);
    for (const name of Object.keys(all[0]?.[side].counts ?? {})) {
      const counts = all.map((lap) => String(lap[side].counts[name]).padStart(8));
      console.log(`    ${name.padEnd(34)}${counts.join('')}`);
    }
  }
  console.log();
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(2);
}
