import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { MeasureOptions } from './measure.ts';
import { targets } from './target.ts';
import { type Workload, workloads } from './workload.ts';

/** What is to be measured, and how long. */
export interface Settings extends MeasureOptions {
  readonly workloads: readonly Workload[];
  /** The names of the servers; all of them if there is none. */
  readonly servers: readonly string[];
  /** What starts the load generator in its place, such as `taskset`. */
  readonly generatorPrefix: readonly string[];
  /** Where the results go as JSON, too. */
  readonly json: string | undefined;
}

/** How thorough a run is. */
interface Effort extends Pick<MeasureOptions, 'rounds' | 'roundMs' | 'warmUpMs'> {
  readonly servers: readonly string[];
  readonly takes: (workload: Workload) => boolean;
  /** The most connections of a workload. */
  readonly maxConnections: number;
}

const full: Effort = {
  rounds: 10,
  roundMs: 400,
  warmUpMs: 600,
  servers: [],
  takes: () => true,
  maxConnections: 10_000,
};

/** Within two minutes: those who decide, in what there is a target for. */
const quick: Effort = {
  rounds: 3,
  roundMs: 100,
  warmUpMs: 200,
  servers: ['heddle', 'heddle, documented', 'ws', 'net', 'bun'],
  takes: ({ kind, name }) => kind === 'idle' || name in targets,
  maxConnections: 1_000,
};

const SMOKE_WORKLOADS = [
  'echo 1 KiB, 1 × 1',
  'echo 1 KiB, 100 × 32',
  'text 1 KiB non-ascii, 100 × 32',
  'echo 1 MiB in 1,000 fragments',
  'echo 1 KiB, dribbled byte by byte',
  'deflate 1 KiB JSON, 1 × 32',
  'broadcast 128 B to 1,000, 8 a turn',
  'connect, echo, close',
  'idle connection',
  'idle after a compressed message',
];

/** Enough to see that everything runs: something of each kind. */
const smoke: Effort = {
  rounds: 1,
  roundMs: 20,
  warmUpMs: 20,
  servers: ['heddle', 'ws'],
  takes: ({ name }) => SMOKE_WORKLOADS.includes(name),
  maxConnections: 100,
};

/** Reads the command line. Throws for an option that does not exist, with Node's words. */
export function readSettings(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      smoke: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      servers: { type: 'string' },
      rounds: { type: 'string' },
      'round-ms': { type: 'string' },
      node: { type: 'string', default: process.execPath },
      json: { type: 'string' },
    },
  });
  const effort = values.smoke ? smoke : values.quick ? quick : full;
  const pin = pinning();
  return {
    rounds: Number(values.rounds ?? effort.rounds),
    roundMs: Number(values['round-ms'] ?? effort.roundMs),
    warmUpMs: effort.warmUpMs,
    node: values.node,
    prefix: pin(1),
    generatorPrefix: pin(0),
    servers: values.servers?.split(';') ?? effort.servers,
    workloads: workloads
      .filter((workload) => effort.takes(workload) && workload.name.includes(values.only))
      .map((workload) => ({
        ...workload,
        connections: Math.min(workload.connections, effort.maxConnections),
      })),
    json: values.json,
  };
}

/** What keeps a program on one core: nothing, where there is but one or no `taskset`. */
function pinning(): (core: number) => readonly string[] {
  const pinned = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;
  return (core) => (pinned ? ['taskset', '--cpu-list', String(core)] : []);
}
