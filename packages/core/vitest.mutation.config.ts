import { mergeConfig } from 'vitest/config';
// @boundaries-ignore every suite runs with the workspace's own
import base from '../../vitest.config.ts';

/** The examples alone: properties are slow, and what a mutant meets in them is another each time. */
const PROPERTIES = ['test/**/*.property.test.ts', 'test/extensions/negotiation-matrix.test.ts'];

/** What Stryker runs for each mutant. It does so in a copy of this folder, where the rule for `isolate` does not see core. */
export default mergeConfig(base, { test: { isolate: false, exclude: PROPERTIES } });
