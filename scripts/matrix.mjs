/**
 * `pnpm test:matrix [major…]`: runs the suites of the public packages against their built files on every supported
 * Node, each with that Node's own binary. (With PATH alone every run would be on the tool chain's Node, and green.)
 *
 * On the tool chain's Node, which `pnpm test` runs all sources on, those that lean on what Node does not document run
 * without it and with all of it; so do the tests against other implementations, but for those that take minutes.
 *
 * On a Node between the oldest and the newest the adapters are left out, unless it is asked for alone.
 *
 * Without arguments, as `turbo run matrix` starts it, it takes every Node and expects the build to be done.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { INTERRUPTED, run, stopSignal } from './children.mjs';
import { heading } from './progress.mjs';
import { packages, publicPackages, readJson, root } from './workspace.mjs';

const NODE = '@heddle/node';
const FOLDER = 'reports/matrix';
const VITEST = join(root, 'node_modules', 'vitest', 'vitest.mjs');
/** turbo sets this in what it runs. */
const IN_TURBO = process.env.TURBO_HASH !== undefined;

const wanted = process.argv.slice(2).map(Number);
process.exitCode = await main();

async function main() {
  if (!IN_TURBO && !(await build())) return 1;
  rmSync(join(root, FOLDER), { recursive: true, force: true });
  const runs = [];
  for (const node of nodes()) {
    for (const each of suitesOn(node)) {
      for (const fastPaths of node.ofTools && leansOnNode(each) ? ['0', 'all'] : [undefined]) {
        runs.push(await runSuite(node, each, fastPaths));
        if (stopSignal() !== undefined) return INTERRUPTED;
      }
    }
  }
  mkdirSync(join(root, FOLDER), { recursive: true });
  writeFileSync(join(root, FOLDER, 'runs.json'), JSON.stringify(runs, undefined, 2));
  // No run at all is a Node that is not here, and no success.
  return runs.length > 0 && runs.every(({ exitCode }) => exitCode === 0) ? 0 : 1;
}

async function build() {
  const filters = publicPackages().map(({ name }) => `--filter=${name}`);
  const { exitCode } = await run('turbo', ['run', 'build', '--output-logs=new-only', ...filters]);
  return exitCode === 0;
}

/** Every Node that is installed under an alias like `node22`: the workspace package `scripts/matrix`, and the root's. */
function nodes() {
  const found = ['.', 'scripts/matrix'].flatMap((folder) =>
    Object.keys(readJson(root, folder, 'package.json').devDependencies)
      .filter((alias) => /^node\d+$/.test(alias))
      .map((alias) => ({
        major: Number(alias.slice('node'.length)),
        ofTools: folder === '.',
        binary: join(root, folder, 'node_modules', alias, 'bin', 'node'),
      })),
  );
  return found
    .filter(({ major }) => wanted.length === 0 || wanted.includes(major))
    .sort((a, b) => a.major - b.major);
}

/**
 * What runs on a Node. Adapters touch Node through `@heddle/node` alone: where nobody asks for one Node, the oldest, the
 * newest and that of the tool chain do for them.
 */
function suitesOn({ major, ofTools }) {
  if (ofTools) return [...publicPackages(), conformance()];
  const majors = nodes().map((node) => node.major);
  const between = major !== Math.min(...majors) && major !== Math.max(...majors);
  return publicPackages().filter(({ manifest }) => !between || !manifest.dependencies?.[NODE]);
}

/** Whether the environment variable `HEDDLE_FAST_PATHS` changes what it does. */
function leansOnNode({ name, manifest }) {
  return name === NODE || manifest.dependencies?.[NODE] !== undefined;
}

/** Its programs run from their sources, as they do for `pnpm test`. */
function conformance() {
  const found = packages().find(({ folder }) => folder === 'conformance');
  // Three take minutes, and the core leans on nothing.
  const excluded = ['ws-deflate', 'stream-file', 'fuzz-inflater', 'fuzz', 'fuzz-corpus'];
  return { ...found, excluded };
}

async function runSuite({ major, binary }, { name, folder, excluded }, fastPaths) {
  const how = fastPaths === undefined ? '' : `, HEDDLE_FAST_PATHS=${fastPaths}`;
  heading(`${name} on Node ${major}${how}`);
  const suite = [folder.replaceAll('/', '-'), fastPaths].filter(Boolean).join('-');
  const report = `${FOLDER}/node${major}/${suite}.json`;
  const { exitCode } = await run(
    binary,
    [
      ...[VITEST, 'run', '--root', '.', '--config', join(root, 'vitest.config.ts')],
      ...['--reporter=dot', '--reporter=json', `--outputFile.json=${join(root, report)}`],
      ...(excluded ?? []).map((test) => `--exclude=test/${test}.test.ts`),
    ],
    {
      cwd: join(root, folder),
      env: {
        ...process.env,
        // vitest.config.ts: test dist, and refuse to run on any other Node.
        ...(excluded === undefined && { HEDDLE_MATRIX_NODE: String(major) }),
        ...(fastPaths !== undefined && { HEDDLE_FAST_PATHS: fastPaths }),
        PATH: [dirname(binary), process.env.PATH].join(delimiter),
      },
    },
  );
  return { name: `${name} on Node ${major}${how}`, exitCode, report };
}
