/**
 * Runs commands in the foreground, one after the other, and passes on the wish to stop.
 *
 * Ctrl-C reaches the whole foreground group, `kill` one process only, and npm passes on what it gets: a signal may come
 * once or three times. So only the first one counts, each child gets one SIGTERM whatever the signal was (a shell that
 * starts us in the background makes what we start ignore SIGINT), and nothing is started any more.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { signal } from './process-tree.mjs';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Signals of one Ctrl-C come within this time; a later one is a second Ctrl-C. */
const SAME_WISH_MS = 1000;

/** The exit code of a command that heeded our wish, if it heeds the custom as well. */
export const INTERRUPTED = 128 + constants.signals.SIGTERM;

const children = new Set();
const listeners = new Set();
let stop;

/** The signal that asked us to stop, or `undefined`. */
export function stopSignal() {
  return stop?.signal;
}

/** Calls `listener` with 1 when we are asked to stop, and with 2 when it is asked again. */
export function onStop(listener) {
  listeners.add(listener);
}

for (const name of STOP_SIGNALS) process.on(name, () => wishToStop(name));

function wishToStop(name) {
  if (stop !== undefined) {
    if (Date.now() - stop.at > SAME_WISH_MS) for (const listener of listeners) listener(2);
    return;
  }
  stop = { signal: name, at: Date.now() };
  for (const child of children) signal(child.pid, 'SIGTERM');
  for (const listener of listeners) listener(1);
}

/**
 * Runs a command with our standard output and error, without a shell. Resolves with its `{ exitCode, signal }`; a
 * command that cannot be started has exit code 127, as in a shell. After a wish to stop nothing is started: the result
 * is then that of an interrupted command.
 */
export function run(command, args, { cwd, env = process.env, stdout = 'inherit' } = {}) {
  if (stop !== undefined) return Promise.resolve({ exitCode: INTERRUPTED, signal: undefined });
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', stdout, 'inherit'] });
    children.add(child);
    child.on('error', (error) => {
      children.delete(child);
      console.error(`${command} could not be started: ${error.message}`);
      resolve({ exitCode: 127, signal: undefined });
    });
    child.on('exit', (code, killedBy) => {
      children.delete(child);
      const signal = killedBy ?? undefined;
      resolve({ exitCode: code ?? 128 + constants.signals[killedBy], signal });
    });
  });
}

/** Makes this process end as a command did that ended with `{ exitCode, signal }`: by the same signal, if by any. */
export function endAs({ exitCode, signal: name }) {
  process.exitCode = exitCode;
  if (name === undefined) return;
  for (const stopSignal of STOP_SIGNALS) process.removeAllListeners(stopSignal);
  process.kill(process.pid, name);
}
