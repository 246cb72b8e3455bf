import { parseArgs } from 'node:util';
import { attacks } from './hostile/index.ts';
import { faultsIn } from './report.ts';
import { formatReport } from './report-table.ts';
import { soak } from './soak.ts';

/** `npm run soak -- --minutes 5 --clients 2000 --peers 2 --rest 20 --seed 1`; all of them may be left out. */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    clients: { type: 'string', default: '2000' },
    peers: { type: 'string', default: '2' },
    rest: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
});

const seed = number('seed');
console.log(`Node ${process.version}, ${values.minutes} minutes, seed ${seed}\n`);
const report = await soak({
  seconds: number('minutes') * 60,
  clients: number('clients'),
  pace: { peers: number('peers'), restMs: number('rest') * 1_000 },
  seed,
  attacks,
  say: (what) => console.log(`${(performance.now() / 1_000).toFixed(0).padStart(6)} s  ${what}`),
});
console.log(['', ...formatReport(report)].join('\n'));
if (faultsIn(report).length > 0) process.exitCode = 1;

function number(name: keyof typeof values): number {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`--${name} must be a number, not ${values[name]}`);
}
