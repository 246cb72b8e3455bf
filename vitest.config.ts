import { defineConfig } from 'vitest/config';

/** Every package's tests run with this: `vitest run --config ../../vitest.config.ts --root .` */
export default defineConfig({
  // Tests read the sources of the packages that they import, so they never need a build.
  resolve: { conditions: ['@heddle/source'] },
  ssr: { resolve: { conditions: ['@heddle/source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    // The report is what `npm test` adds up: scripts/test.mjs.
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/vitest.json' },
    coverage: { provider: 'v8', include: ['src/**'] },
  },
});
