import { parseArgs } from 'node:util';
import { mebibytes } from '../resident-memory.ts';
import { type FuzzReport, fuzz } from './fuzz.ts';

/** `npm run fuzz:inflate -- --seconds 60 --seed 1 --case 7`; all of them may be left out. */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    case: { type: 'string' },
  },
});

const seconds = Number(values.seconds);
console.log(
  `Node ${process.version}, ${seconds} s of what should be DEFLATE data, and is not always`,
);
const reports = await fuzz({
  seconds,
  ...(values.seed !== undefined && { seed: Number(values.seed) }),
  ...(values.case !== undefined && { only: Number(values.case) }),
});
for (const report of reports) print(report);
if (reports.some(({ failures }) => failures.length > 0)) process.exitCode = 1;

function print({ name, seed, tally, memory, failures, ...beside }: FuzzReport): void {
  const closes = [...tally.closes].sort(([one], [other]) => one - other);
  console.log(`
${name}, seed ${seed}
  ${tally.cases} connections, ${tally.messages} messages
  closed with ${closes.map(([code, count]) => `${code}: ${count}`).join(', ')}
  ${beside.echoes} echoes to the client beside them, the slowest in ${beside.slowestEchoMs.toFixed(0)} ms
  server's memory: ${mebibytes(memory.before)} MiB before, ${mebibytes(memory.most)} MiB at most
`);
  for (const [kind, { delivered, refused }] of [...tally.kinds].sort()) {
    console.log(`  ${kind.padEnd(30)} ${delivered} delivered, ${refused} refused`);
  }
  for (const failure of failures) console.log(`\n  FAILED: ${failure}`);
}
