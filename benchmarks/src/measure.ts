import { setTimeout as sleep } from 'node:timers/promises';
import { type Figures, figuresOf, type Sample } from './figures.ts';
import type { Generator } from './generator.ts';
import { MEASURABLE, ServerProcess } from './server-process.ts';
import { commandOf, type Subject } from './subject.ts';
import type { IdleWorkload, TimedWorkload } from './workload.ts';

/** Until V8 has compiled what is hot as well as it can. */
const WARM_UP_MS = 500;

export interface MeasureOptions {
  readonly rounds: number;
  readonly roundMs: number;
  /** The Node that runs the servers. */
  readonly node: string;
  /** What starts a server in its place, such as `taskset`. */
  readonly prefix: readonly string[];
}

export type Outcome<T> = { readonly value: T } | { readonly error: string };

/** Measures servers in turns: what the machine does beside it falls on all of them. */
export async function measureTimed(
  workload: TimedWorkload,
  subjects: readonly Subject[],
  generator: Generator,
  options: MeasureOptions,
): Promise<Map<Subject, Outcome<Figures>>> {
  const running = new Map<Subject, ServerProcess>();
  const samples = new Map<Subject, Sample[]>();
  const failed = new Map<Subject, string>();
  try {
    for (const subject of subjects) running.set(subject, await start(subject, workload, options));
    // The first round is for the compilers, and does not count.
    for (let round = 0; round <= options.rounds; round++) {
      const roundMs = round === 0 ? Math.max(WARM_UP_MS, options.roundMs) : options.roundMs;
      for (const [subject, server] of running) {
        try {
          const sample = await playRound(workload, subject, server, generator, roundMs);
          if (round > 0) samples.set(subject, [...(samples.get(subject) ?? []), sample]);
        } catch (error) {
          failed.set(subject, String(error));
          running.delete(subject);
          await generator.close();
          await server.stop();
        }
      }
    }
  } finally {
    await Promise.all([...running.values()].map((server) => server.stop()));
  }
  return new Map(
    subjects.map((subject) => {
      const error = failed.get(subject);
      return [
        subject,
        error === undefined ? { value: figuresOf(samples.get(subject) ?? []) } : { error },
      ];
    }),
  );
}

/** The bytes that each connection adds to a server's resident set. */
export async function measureIdle(
  workload: IdleWorkload,
  subject: Subject,
  generator: Generator,
  options: MeasureOptions,
): Promise<number> {
  const server = await start(subject, workload, options);
  try {
    const before = await settled(server);
    await generator.open(workload, server.url, subject.dialect);
    const after = await settled(server);
    await generator.close();
    return (after - before) / workload.connections;
  } finally {
    await server.stop();
  }
}

async function playRound(
  workload: TimedWorkload,
  { dialect }: Subject,
  server: ServerProcess,
  generator: Generator,
  roundMs: number,
): Promise<Sample> {
  await generator.open(workload, server.url, dialect);
  // While the others had their turns, what this server had in caches, and in memory, has gone.
  await generator.run(roundMs / 2);
  const before = server.cpuSeconds();
  const round = await generator.run(roundMs);
  const cpuSeconds = server.cpuSeconds() - before;
  await generator.close();
  return { round, cpuMicroseconds: (cpuSeconds * 1e6) / round.messages };
}

/** The server's memory, once it has come to rest. */
async function settled(server: ServerProcess): Promise<number> {
  await sleep(500);
  return await server.residentBytes();
}

async function start(
  subject: Subject,
  workload: TimedWorkload | IdleWorkload,
  { node, prefix }: MeasureOptions,
): Promise<ServerProcess> {
  const deflated =
    (workload.kind === 'echo' && workload.payload === 'deflated') ||
    (workload.kind === 'idle' && workload.deflated);
  const measurable = workload.kind === 'idle' && subject.runtime === 'node';
  const env = {
    ...subject.env,
    TASK: workload.kind === 'broadcast' ? 'broadcast' : 'echo',
    DEFLATE: deflated ? '1' : '',
  };
  const command = [...prefix, ...commandOf(subject, node, measurable ? MEASURABLE : [])];
  return await ServerProcess.start({ command, env, measurable });
}
