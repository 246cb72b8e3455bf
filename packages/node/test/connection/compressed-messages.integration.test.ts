import { expect, it } from 'vitest';
import { fastPath } from '../../src/compression/fast-path.ts';
import { expectNothingUncaught } from '../uncaught.ts';
import { describeCompressedMessages } from './compressed-messages.ts';

expectNothingUncaught();

it('calls zlib at once where it is quick', () => {
  expect(fastPath()).toBe(true);
});

describeCompressedMessages();
