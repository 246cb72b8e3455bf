/**
 * Finds the processes that a command has started, its orphans included.
 *
 * Killing one process, or its group, is not enough: turbo gives each task a group of its own, a browser starts in
 * another one, and a process whose parent died hangs on to process 1. So a command gets a mark in its environment, which
 * its children inherit. Linux shows it in /proc; where there is no /proc, the parent of each process must do.
 */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The environment variable with the marks; turbo.json passes it on. */
export const MARKS = 'HEDDLE_RUN';

/** A mark for what this process will start. */
export function newMark() {
  return `${process.pid}-${randomUUID()}`;
}

/** The environment for what carries `mark`, and still every mark that we carry ourselves. */
export function markedEnvironment(mark, env = process.env) {
  return { ...env, [MARKS]: [...marksOf(env), mark].join(' ') };
}

/** The mark that our own parent gave us, `undefined` if it gave us none. */
export function markOfParent(env = process.env) {
  return marksOf(env).find((mark) => mark.startsWith(`${process.ppid}-`));
}

function marksOf(env) {
  return (env[MARKS] ?? '').split(' ').filter((mark) => mark !== '');
}

/**
 * The living processes below process `root`, and those that carry `mark` wherever they hang, as `{ pid, command }`.
 * Neither `root` nor the calling process is among them.
 */
export function processesBelow(root, mark) {
  const table = existsSync('/proc/self/stat') ? readProc(mark) : readPs();
  const below = new Set([root]);
  // A child may come before its parent in the table, so go over it until nothing is added.
  for (let size = 0; size !== below.size; ) {
    size = below.size;
    for (const { pid, parent, marked } of table) {
      if (marked || below.has(parent)) below.add(pid);
    }
  }
  below.delete(root);
  below.delete(process.pid);
  return table.filter(({ pid }) => below.has(pid)).map(({ pid, command }) => ({ pid, command }));
}

/** Kills everything that `processesBelow` finds until it finds nothing, and returns what it killed. */
export async function killBelow(root, mark) {
  const killed = new Map();
  for (let round = 0; round < 50; round += 1) {
    const living = processesBelow(root, mark);
    if (living.length === 0) break;
    for (const { pid, command } of living) {
      killed.set(pid, command);
      signal(pid, 'SIGKILL');
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return [...killed.values()];
}

/** Sends `name` to `pid`; that it is gone already is no error. */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function readProc(mark) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readProcEntry(pid, mark))
    .filter((entry) => entry !== undefined);
}

function readProcEntry(pid, mark) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name in brackets, which may itself hold brackets and spaces.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    return {
      pid: Number(pid),
      parent: Number(parent),
      command: readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim(),
      marked: mark !== undefined && readEnvironment(pid).includes(mark),
    };
  } catch {
    // It ended while we looked.
    return undefined;
  }
}

function readEnvironment(pid) {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    // Another user's process: none of ours.
    return '';
  }
}

function readPs() {
  const args = ['-A', '-o', 'pid=,ppid=,stat=,command='];
  const lines = execFileSync('ps', args).toString().split('\n');
  return (
    lines
      .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line))
      .filter((match) => match !== null && !match[3].startsWith('Z'))
      // Our own look is among what it sees.
      .filter((match) => !match[4].endsWith(args.join(' ')))
      .map(([, pid, parent, , command]) => ({
        pid: Number(pid),
        parent: Number(parent),
        command,
        marked: false,
      }))
  );
}
