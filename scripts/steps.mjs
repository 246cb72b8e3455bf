/**
 * Everything that is checked, in order. `npm test`, `pnpm check` and CI run this list and no other.
 *
 * A step resolves with its runs, which tally.mjs adds up. When a step that is `vital` fails, what comes after it would
 * only repeat its errors.
 */
import { join } from 'node:path';
import { run } from './children.mjs';
import { isCi } from './ci.mjs';
import { provideSystemParts } from './system-parts.mjs';
import { turbo, turboMatrix, turboTests } from './turbo.mjs';
import { root } from './workspace.mjs';

export const steps = [
  { title: 'Programs that the tests need', runs: systemParts },
  { title: 'Build: turbo run build', vital: true, runs: () => task('build') },
  {
    title: 'Lint and format: biome check --error-on-warnings',
    runs: () => tool('biome', 'check', '--error-on-warnings'),
  },
  { title: 'Layers: turbo boundaries', runs: () => tool('turbo', 'boundaries') },
  { title: 'Types, those of the tests too: turbo run types', runs: () => task('types') },
  { title: 'The scripts: turbo run test:scripts', runs: () => task('test:scripts', 'scripts') },
  { title: 'The packages: turbo run test', runs: turboTests },
  {
    title: 'Each file of core covered by its own test: turbo run coverage',
    runs: () => task('coverage', 'coverage'),
  },
  { title: 'Code in the docs: scripts/docs-examples.mjs', runs: docsExamples },
  { title: 'What npm will get: turbo run packaging', runs: () => task('packaging', 'packaging') },
  {
    title: 'The built files on each Node, and with each set of fast paths: turbo run matrix',
    runs: turboMatrix,
  },
];

async function systemParts() {
  const { environment, missing } = await provideSystemParts();
  for (const [variable, path] of Object.entries(environment)) {
    if (path === undefined) delete process.env[variable];
    else process.env[variable] = path;
  }
  return [{ name: 'system parts', exitCode: isCi() && missing.length > 0 ? 1 : 0 }];
}

async function docsExamples() {
  const { exitCode } = await run(process.execPath, [join(root, 'scripts', 'docs-examples.mjs')]);
  return [{ name: 'docs examples', exitCode, report: reportOf('docs-examples') }];
}

async function tool(command, ...args) {
  const { exitCode } = await run(command, args);
  return [{ name: [command, ...args].join(' '), exitCode }];
}

async function task(name, report) {
  const exitCode = await turbo(name);
  return [{ name: `turbo run ${name}`, exitCode, report: report && reportOf(report) }];
}

function reportOf(name) {
  return join(root, 'reports', `${name}.json`);
}
