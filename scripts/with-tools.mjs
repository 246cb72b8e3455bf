/**
 * `node scripts/with-tools.mjs <script> [arguments]` installs what the lockfile says, and runs the script with the tool
 * chain's own Node. It needs nothing but Node 20 and npm.
 *
 * It owns every process that comes of it: when it ends, by itself or by Ctrl-C, none of them is left.
 */
import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { endAs, INTERRUPTED, onStop, run, stopSignal } from './children.mjs';
import { killBelow, markedEnvironment, newMark } from './process-tree.mjs';
import { heading, started } from './progress.mjs';
import { lastLine } from './tally.mjs';
import { readJson, root } from './workspace.mjs';

/** How long the children may take to end by themselves; a chat says goodbye to its sockets in that time. */
const GRACE_MS = 8000;
/** These end with the line that counts the tests, even if there was nothing to run them with. */
const COUNTING_SCRIPTS = new Set(['scripts/test.mjs', 'scripts/check.mjs']);

const mark = newMark();
const bin = join(root, 'node_modules', '.bin');
const nodeFolder = join(root, 'node_modules', 'node24', 'bin');

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  console.error('usage: node scripts/with-tools.mjs <script> [arguments]');
  process.exitCode = 2;
} else {
  onStop(async (wishes) => {
    const graceMs = wishes === 1 ? GRACE_MS : 0;
    await new Promise((resolve) => setTimeout(resolve, graceMs).unref());
    await killBelow(process.pid, mark);
  });
  const result = await installAndRun();
  await killBelow(process.pid, mark);
  endAs(isInterrupted(result) ? { ...result, signal: stopSignal() } : result);
}

/** Who stopped because we were asked to, or had to be killed, ends by the signal that we were asked with. */
function isInterrupted({ exitCode, signal }) {
  return stopSignal() !== undefined && (signal !== undefined || exitCode === INTERRUPTED);
}

async function installAndRun() {
  process.chdir(root);
  const env = environment();
  const installed = await install(env);
  if (stopSignal() !== undefined) return { exitCode: INTERRUPTED };
  if (installed.exitCode !== 0) {
    console.error('\nThe install failed, so nothing was run.');
    if (COUNTING_SCRIPTS.has(script)) console.log(lastLine({ passed: 0, failed: 1, skipped: 0 }));
    return { exitCode: 1 };
  }
  return await run(join(nodeFolder, 'node'), [script, ...args], { env });
}

/** pnpm is the judge of whether anything is to be done: on an installed tree it needs a tenth of a second. */
function install(env) {
  const wanted = readJson(root, 'package.json').packageManager.split('+')[0];
  const flags = ['install', '--frozen-lockfile'];
  heading(`Install: ${wanted} ${flags.join(' ')}`);
  if (versionOf(join(bin, 'pnpm')) === wanted) return run(join(bin, 'pnpm'), flags, { env });
  return run('npx', ['--yes', wanted, ...flags], { env });
}

/** `pnpm@12.21.0`, or `undefined` if there is none that works: an install that was broken off leaves half of one. */
function versionOf(pnpm) {
  try {
    const version = execFileSync(pnpm, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] });
    return `pnpm@${version.toString().trim()}`;
  } catch {
    return undefined;
  }
}

function environment() {
  return {
    ...markedEnvironment(mark),
    ...started,
    PATH: [nodeFolder, bin, process.env.PATH].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
  };
}
