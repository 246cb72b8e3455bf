import { expect, it } from 'vitest';
import { fastPath } from '../../src/compression/fast-path.ts';
import { ZLIB_AT_ONCE } from '../fast-paths-at-work.ts';
import { expectNothingUncaught } from '../uncaught.ts';
import { describeCompressedMessages } from './compressed-messages.ts';

expectNothingUncaught();

it('calls zlib at once where it is quick, and may be', () => {
  expect(fastPath()).toBe(ZLIB_AT_ONCE);
});

describeCompressedMessages();
