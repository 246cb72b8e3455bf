/** Runs the steps, says what each is doing, and ends with the line that counts the tests of all. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { INTERRUPTED, stopSignal } from './children.mjs';
import { isCi } from './ci.mjs';
import { killBelow, markOfParent } from './process-tree.mjs';
import { elapsed, heading } from './progress.mjs';
import { lastLine, mergeTallies, tallyRuns } from './tally.mjs';
import { packages, root } from './workspace.mjs';

/** Runs `steps` and sets the exit code: 0 if nothing failed, 1 if anything did. */
export async function runSteps(steps) {
  removeReports();
  const tally = await runEach(steps);
  const leftOver = await killBelow(process.pid, markOfParent());
  if (stopSignal() !== undefined) {
    console.log(`\nInterrupted after ${elapsed()}.`);
    process.exitCode = INTERRUPTED;
    return;
  }

  heading('Result');
  for (const command of leftOver)
    console.log(`still running after the tests, ended now: ${command}`);
  for (const skip of tally.skips) console.log(`skipped: ${skip}`);
  for (const failure of tally.failures) console.log(`failed: ${failure}`);
  const failed = tally.failures.length;
  if (failed > 0) process.exitCode = 1;
  console.log(lastLine({ passed: tally.passed, failed, skipped: tally.skips.length }));
}

async function runEach(steps) {
  const tallies = [];
  for (const { title, vital, runs } of steps) {
    heading(title);
    const tally = tallyRuns(await runs(), { skipsFail: isCi() });
    if (stopSignal() !== undefined) break;
    tallies.push(tally);
    console.log(`-- ${elapsed()} ${verdict(tally)}`);
    if (vital === true && tally.failures.length > 0) {
      console.log('Nothing of what follows can work without this step, so it is left out.');
      break;
    }
  }
  return mergeTallies(tallies);
}

function verdict({ passed, failures, skips }) {
  if (passed + skips.length === 0) return failures.length === 0 ? 'ok' : 'failed';
  return lastLine({ passed, failed: failures.length, skipped: skips.length });
}

/** A report that an earlier run left must not count for this one. turbo brings back those of unchanged packages. */
function removeReports() {
  for (const folder of ['.', ...packages().map((each) => each.folder)]) {
    rmSync(join(root, folder, 'reports'), { recursive: true, force: true });
  }
}
