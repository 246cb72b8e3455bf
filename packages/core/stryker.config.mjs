import { fileURLToPath } from 'node:url';

/** `pnpm mutate`: docs/mutation-testing.md says how to read what it finds. */
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner'],
  vitest: {
    // Whole, because it is read from within a copy of this folder.
    configFile: fileURLToPath(new URL('vitest.mutation.config.ts', import.meta.url)),
    related: false,
  },
  coverageAnalysis: 'perTest',
  mutate: ['src/**/*.ts'],
  // Stryker rewrites tsconfig.json with TypeScript's own parser, which TypeScript 7 does not have.
  ignorePatterns: ['dist', 'reports', 'tsconfig*.json'],
  concurrency: 1,
  reporters: ['clear-text', 'json'],
  allowConsoleColors: false,
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'reports/mutation.json' },
};
