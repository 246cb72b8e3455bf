import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Dialect } from './load/main.ts';
import type { Workload } from './workload.ts';

/** A server that is measured. */
export interface Subject {
  readonly name: string;
  /** Of `servers/`, without its ending. */
  readonly file: string;
  readonly runtime: 'node' | 'bun' | 'deno';
  readonly dialect: Dialect;
  readonly env: Readonly<Record<string, string>>;
  /** Whether this server can do what the workload asks. */
  readonly takes: (workload: Workload) => boolean;
}

const require = createRequire(import.meta.url);

/** The programs that run the servers, where they are to be had. */
const runtimes = {
  bun: fileOf('@oven/bun-linux-x64/package.json', 'bin/bun'),
  deno: fileOf('@deno/linux-x64-glibc/package.json', 'deno'),
};

/** All servers that can be run here, by name, and why others cannot. */
export function findSubjects(): {
  readonly subjects: readonly Subject[];
  readonly missing: readonly string[];
} {
  const missing: string[] = [];
  const subjects = all.filter(({ name, file, runtime }) => {
    const runs = runtime === 'node' || runtimes[runtime] !== undefined;
    const installed = file !== 'uwebsockets' || canResolve('uWebSockets.js');
    if (!runs || !installed) missing.push(name);
    return runs && installed;
  });
  return { subjects, missing };
}

/** The program and arguments that start a subject, `node` being the Node to use. */
export function commandOf(subject: Subject, node: string, flags: readonly string[]): string[] {
  const file = fileURLToPath(new URL(`../servers/${subject.file}.mjs`, import.meta.url));
  if (subject.runtime === 'node') return [node, ...flags, file];
  const program = runtimes[subject.runtime] ?? subject.runtime;
  return subject.runtime === 'bun' ? [program, file] : [program, 'run', '--allow-all', file];
}

const everything = () => true;
const bytesOnly = ({ kind }: Workload) => kind === 'echo' || kind === 'idle';
const withoutDeflate = (workload: Workload) =>
  (workload.kind !== 'echo' || workload.payload !== 'deflated') &&
  (workload.kind !== 'idle' || !workload.deflated);
const plainEcho = (workload: Workload) => withoutDeflate(workload) && workload.kind !== 'broadcast';

/** What shows whether a framework costs anything: a message, and a handshake. */
const inFrameworks = (workload: Workload) =>
  workload.kind === 'handshake' ||
  (workload.kind === 'echo' &&
    workload.bytes === 1_024 &&
    workload.payload === 'binary' &&
    workload.pieceBytes === undefined &&
    workload.fragments === undefined);

const all: readonly Subject[] = [
  // `HEDDLE_FAST_PATHS` decides whether anything is used that Node does not document.
  subject('heddle', 'heddle', everything, { env: { HEDDLE_FAST_PATHS: 'all' } }),
  subject('heddle, documented', 'heddle', everything, { env: { HEDDLE_FAST_PATHS: '0' } }),
  subject('ws', 'ws', everything, { env: { WS_NO_BUFFER_UTIL: '1' } }),
  subject('ws + bufferutil', 'ws', ({ kind }) => kind !== 'idle'),
  subject('net', 'net', (workload) => bytesOnly(workload) && withoutDeflate(workload), {
    dialect: 'bytes',
  }),
  subject('bun', 'bun', everything, { runtime: 'bun' }),
  subject('deno', 'deno', withoutDeflate, { runtime: 'deno' }),
  subject('uWebSockets.js', 'uwebsockets', everything),
  subject('faye-websocket', 'faye-websocket', plainEcho),
  subject('websocket', 'websocket', plainEcho),
  subject('socket.io', 'socket.io', ({ kind }) => kind === 'broadcast', { dialect: 'socket.io' }),
  subject('heddle in fastify', 'heddle-fastify', inFrameworks),
  subject('@fastify/websocket', 'fastify-websocket', inFrameworks),
  subject('heddle in express', 'heddle-express', inFrameworks),
  subject('express-ws', 'express-ws', inFrameworks),
  subject('heddle in koa', 'heddle-koa', inFrameworks),
  subject('koa-websocket', 'koa-websocket', inFrameworks),
];

function subject(
  name: string,
  file: string,
  takes: Subject['takes'],
  more: Partial<Pick<Subject, 'runtime' | 'dialect' | 'env'>> = {},
): Subject {
  return { name, file, takes, runtime: 'node', dialect: 'websocket', env: {}, ...more };
}

function fileOf(specifier: string, file: string): string | undefined {
  if (!canResolve(specifier)) return undefined;
  const path = fileURLToPath(new URL(file, `file://${require.resolve(specifier)}`));
  return existsSync(path) ? path : undefined;
}

function canResolve(specifier: string): boolean {
  try {
    require.resolve(specifier);
    return true;
  } catch {
    return false;
  }
}
