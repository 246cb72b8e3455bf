import { answerTarget } from './answer-target.ts';
import { findDifference } from './check-differential.ts';
import { checkStream } from './check-stream.ts';
import { closeTarget } from './close-target.ts';
import { extensionsTarget } from './extensions-target.ts';
import { openingTarget } from './opening-target.ts';
import { sendingTarget } from './sending-target.ts';
import { streamCases } from './stream-arbitrary.ts';
import { defineTarget, type Target } from './target.ts';

/** All that is fuzzed. */
export const targets: readonly Target[] = [
  defineTarget({ name: 'frames', inputs: streamCases(false), check: checkStream }),
  defineTarget({ name: 'deflate', inputs: streamCases(true), check: checkStream }),
  defineTarget({ name: 'ws', inputs: streamCases(false), check: findDifference }),
  defineTarget({ name: 'ws-deflate', inputs: streamCases(true), check: findDifference }),
  sendingTarget,
  openingTarget,
  answerTarget,
  extensionsTarget,
  closeTarget,
];

/** Throws a `RangeError` for a name that there is not. */
export function targetCalled(name: string): Target {
  const found = targets.find((target) => target.name === name);
  if (found !== undefined) return found;
  throw new RangeError(
    `There are ${targets.map((target) => target.name).join(', ')}, and no ${name}`,
  );
}
