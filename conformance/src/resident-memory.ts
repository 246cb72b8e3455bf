import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const KIB = 1024;

/** Whether this is Linux, where files tell what a process has in memory. */
const hasProc = existsSync('/proc/self/status');

/** What a process has in memory now, in bytes. */
export function residentBytes(pid: number): number {
  const rss = hasProc ? status(pid, 'VmRSS') : askPs(pid);
  if (!(rss > 0)) throw new Error(`there is no way to see how much memory process ${pid} has`);
  return rss;
}

/**
 * The most that a process has in memory, from when this was made on: by looking, and on Linux by what
 * the kernel has noted, which misses nothing.
 */
export class MemoryWatch {
  readonly beforeBytes: number;
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #mostBytes: number;

  constructor(pid: number, everyMs = 50) {
    this.#pid = pid;
    forgetPeak(pid);
    this.beforeBytes = residentBytes(pid);
    this.#mostBytes = this.beforeBytes;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  /** Ends the watch, before the process does, and tells the most. */
  stop(): number {
    this.#look();
    clearInterval(this.#timer);
    return this.#mostBytes;
  }

  #look(): void {
    try {
      const bytes = [residentBytes(this.#pid), peakBytes(this.#pid)];
      this.#mostBytes = Math.max(this.#mostBytes, ...bytes);
    } catch {
      // The process has ended: there is no more to see.
      clearInterval(this.#timer);
    }
  }
}

export function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

/** Has the kernel note the peak anew, from what there is now; see proc_pid_clear_refs(5). */
function forgetPeak(pid: number): void {
  if (hasProc) writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function peakBytes(pid: number): number {
  return hasProc ? status(pid, 'VmHWM') : 0;
}

function status(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const [, kibibytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ??
    [];
  return Number(kibibytes) * KIB;
}

/** Where there is no `/proc`, as on macOS. */
function askPs(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * KIB;
}
