/**
 * `turbo run coverage`: each file of core must be covered by its own test, to 100 % and by nothing else:
 * `src/handshake/origin.ts` by `test/handshake/origin.test.ts`. What other tests happen to execute does not count,
 * because it is not tested there.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { run } from './children.mjs';
import { writeReport } from './report.mjs';
import { readJson, root } from './workspace.mjs';

const PACKAGE = join(root, 'packages', 'core');
const REPORTS = join(root, 'reports', 'coverage');
const VITEST = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const METRICS = ['statements', 'branches', 'functions', 'lines'];

const files = globSync('src/**/*.ts', { cwd: PACKAGE }).sort().filter(holdsCode);
const waiting = [...files];
const checks = [];
await Promise.all(Array.from({ length: availableParallelism() }, checkNext));
checks.sort((a, b) => (a.file < b.file ? -1 : 1));
const failed = writeReport(join(root, 'reports', 'coverage.json'), checks);
console.log(`${files.length} files of core, ${failed} not covered by their own test`);
process.exitCode = failed === 0 ? 0 : 1;

async function checkNext() {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const test = file.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts');
    const error = await whatIsMissing(file, test);
    checks.push({ file: join(PACKAGE, file), name: `is covered by ${test}`, error });
  }
}

/** Types and re-exports leave nothing to cover. */
function holdsCode(file) {
  const code = stripTypeScriptTypes(readFileSync(join(PACKAGE, file), 'utf8'))
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
    .replaceAll(/^\s*(import|export)\s[^;]*?from\s+'[^']+';/gm, '');
  return /[^\s;]/.test(code);
}

async function whatIsMissing(file, test) {
  if (/(v8|c8|istanbul) ignore/.test(readFileSync(join(PACKAGE, file), 'utf8'))) {
    return 'it hides code from the coverage';
  }
  if (!existsSync(join(PACKAGE, test))) return 'that test does not exist';
  const folder = join(REPORTS, file);
  const { exitCode } = await run(
    process.execPath,
    [VITEST, ...vitestArguments(file, test, folder)],
    {
      cwd: PACKAGE,
      stdout: 'ignore',
    },
  );
  if (exitCode !== 0) return `that test fails: cd packages/core && pnpm test ${test}`;
  return uncovered(readJson(folder, 'coverage-summary.json').total, folder);
}

function vitestArguments(file, test, folder) {
  return [
    ...['run', test, '--root', '.', '--config', join(root, 'vitest.config.ts')],
    ...['--reporter=json', `--outputFile.json=${join(folder, 'vitest.json')}`],
    ...[
      '--coverage.enabled',
      `--coverage.include=${file}`,
      `--coverage.reportsDirectory=${folder}`,
    ],
    ...['--coverage.reporter=json-summary', '--coverage.reporter=json'],
  ];
}

function uncovered(total, folder) {
  const missing = METRICS.filter((metric) => total[metric].covered !== total[metric].total).map(
    (metric) => `${metric} ${total[metric].covered} of ${total[metric].total}`,
  );
  if (missing.length === 0) return undefined;
  return `${missing.join(', ')}; see lines ${uncoveredLines(folder).join(', ')}`;
}

function uncoveredLines(folder) {
  const lines = new Set();
  for (const file of Object.values(readJson(folder, 'coverage-final.json'))) {
    for (const [id, { start }] of Object.entries(file.statementMap)) {
      if (file.s[id] === 0) lines.add(start.line);
    }
    for (const [id, { locations, loc }] of Object.entries(file.branchMap)) {
      const untaken = locations.filter((_location, index) => file.b[id][index] === 0);
      // The `else` that nobody wrote has no place of its own.
      for (const { start } of untaken) lines.add(start.line ?? loc.start.line);
    }
    for (const [id, { decl }] of Object.entries(file.fnMap)) {
      if (file.f[id] === 0) lines.add(decl.start.line);
    }
  }
  return [...lines].sort((a, b) => a - b);
}
