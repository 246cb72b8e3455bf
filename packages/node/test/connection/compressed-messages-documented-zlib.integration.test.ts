import { expect, it } from 'vitest';
import { fastPath } from '../../src/compression/fast-path.ts';
import { expectNothingUncaught } from '../uncaught.ts';
import { describeCompressedMessages } from './compressed-messages.ts';

expectNothingUncaught();

// Each file has a process of its own, and the first connection looks.
process.env['HEDDLE_FAST_PATHS'] = '0';

it('calls zlib by its documented API only', () => {
  expect(fastPath()).toBe(false);
});

describeCompressedMessages();
