import { parseArgs } from 'node:util';
import { chooseSeed } from '../random.ts';
import { Coverage, type FileCoverage } from './coverage.ts';
import type { FuzzReport } from './fuzz.ts';

/**
 * `npm run fuzz -- --seconds 60 --seed 1 --only ws-deflate --path 7:0`; all of them may be left out.
 * `--grow` has the corpus grow instead.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    only: { type: 'string' },
    path: { type: 'string' },
    grow: { type: 'boolean', default: false },
  },
});

// Before core is loaded, so that its modules' own code counts as well.
const coverage = await Coverage.start();
const { targets, targetCalled } = await import('./targets.ts');
const { fuzz } = await import('./fuzz.ts');
const { grow } = await import('./grow.ts');
const { writeCorpus } = await import('./corpus.ts');

const chosen = values.only === undefined ? targets : [targetCalled(values.only)];
const seed = values.seed === undefined ? chooseSeed() | 0 : Number(values.seed);
const options = { seed, path: values.path, seconds: Number(values.seconds) / chosen.length };
console.log(
  `Node ${process.version}, ${values.seconds} s for ${chosen.length} targets, seed ${seed}`,
);
for (const target of chosen) {
  if (values.grow) {
    const files = await grow(target, options, coverage);
    console.log(`${target.name.padEnd(12)} ${files.length} new files`);
  } else {
    print(await fuzz(target, options));
  }
}
await coverage.take();
coverage.stop();
printCoverage(coverage.report());

function print({ name, cases, failure }: FuzzReport): void {
  console.log(
    `${name.padEnd(12)} ${cases} cases, ${failure === undefined ? 'all good' : 'FAILED'}`,
  );
  if (failure === undefined) return;
  process.exitCode = 1;
  const { input, path, error } = failure;
  const note = String(error);
  const file = writeCorpus(name, `failed-${seed}`, { note, seed, path, input });
  console.log(`  --seed ${seed} --only ${name} --path ${path}\n  ${file}\n  ${note}`);
}

function printCoverage(files: readonly FileCoverage[]): void {
  console.log('\nLines of packages/core/src that were run');
  for (const { file, lines, coveredLines, missed } of files) {
    const not = missed.length === 0 ? '' : `  not ${missed.join(', ')}`;
    console.log(`  ${file.padEnd(36)} ${percent(coveredLines, lines)}${not}`);
  }
  const sum = (of: (file: FileCoverage) => number) =>
    files.reduce((all, file) => all + of(file), 0);
  const all = percent(
    sum(({ coveredLines }) => coveredLines),
    sum(({ lines }) => lines),
  );
  console.log(`  ${'all'.padEnd(36)} ${all}`);
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1).padStart(5)} %`;
}
