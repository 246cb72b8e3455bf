import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { isCi } from './scripts/ci.mjs';
import { builtFiles, letVitestReport } from './scripts/matrix/built-files.mjs';

/** The sources of the packages that the tests import, so that they never need a build. */
const SOURCES = { conditions: ['@heddle/source'] };
/** Set by scripts/matrix.mjs: run on this Node, with the built files. */
const matrix = process.env['HEDDLE_MATRIX_NODE'] !== undefined;
if (matrix) letVitestReport();

/** The folder of the package under test, which is where Vitest was started: `packages`, `apps`, … */
const group = basename(dirname(process.cwd()));
/** Core is values without I/O: its tests have nothing to hide from each other, and are three times as fast. */
const isolate = !(group === 'packages' && basename(process.cwd()) === 'core');
/** Those of apps and of conformance start browsers and servers, which want a core of their own; those of soak wait. */
const everyCore = group === 'packages' || basename(process.cwd()) === 'soak';
const workers = everyCore ? { maxWorkers: '100%' } : {};

/** Every package's tests run with this: `vitest run --config ../../vitest.config.ts --root .` */
export default defineConfig({
  plugins: matrix ? [builtFiles()] : [],
  ...(matrix ? {} : { resolve: SOURCES, ssr: { resolve: SOURCES } }),
  test: {
    include: ['test/**/*.test.{ts,mjs}'],
    // The report is what `npm test` adds up: scripts/tally.mjs.
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/vitest.json' },
    silent: 'passed-only',
    isolate,
    ...workers,
    // Two busy cores are slow; what hangs, hangs longer than this.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: { provider: 'v8' },
    // A forgotten `.only` would hide all other tests.
    allowOnly: !isCi(),
    ...(matrix && {
      setupFiles: [fileURLToPath(new URL('scripts/matrix/right-node.mjs', import.meta.url))],
      server: { deps: { external: [/\/packages\/[^/]+\/dist\//] } },
    }),
  },
});
