import { setTimeout as sleep } from 'node:timers/promises';
import { type Figures, figuresOf, type Sample } from './figures.ts';
import type { Generator } from './generator.ts';
import { MEASURABLE, ServerProcess } from './server-process.ts';
import { commandOf, type Subject } from './subject.ts';
import type { IdleWorkload, TimedWorkload } from './workload.ts';

export interface MeasureOptions {
  readonly rounds: number;
  readonly roundMs: number;
  /** How long a server is under load before it is measured: until V8 has compiled what is hot. */
  readonly warmUpMs: number;
  /** The Node that runs the servers. */
  readonly node: string;
  /** What starts a server in its place, such as `taskset`. */
  readonly prefix: readonly string[];
}

/**
 * A handshake's functions run once for each connection, where those of a message run thousands of times in a
 * round: servers of JavaScript take some ten thousand connections to come to what they then stay at.
 */
const HANDSHAKE_WARM_UPS = 8;

/** What was measured, or why it was not. */
export type Outcome<T> = { readonly value: T } | { readonly error: string };

/** What was measured, if anything was. */
export function measured<T>(outcome: Outcome<T> | undefined): T | undefined {
  return outcome !== undefined && 'value' in outcome ? outcome.value : undefined;
}

/** A server while it is measured. */
interface Trial {
  readonly subject: Subject;
  readonly samples: Sample[];
  server: ServerProcess | undefined;
  error: string | undefined;
}

/** Measures servers in turns, so that what the machine does beside it falls on all of them. */
export async function measureTimed(
  workload: TimedWorkload,
  subjects: readonly Subject[],
  generator: Generator,
  options: MeasureOptions,
): Promise<Map<string, Outcome<Figures>>> {
  const trials: Trial[] = subjects.map((subject) => ({
    subject,
    samples: [],
    server: undefined,
    error: undefined,
  }));
  for (const trial of trials) {
    await attempt(trial, async () => {
      trial.server = await start(trial.subject, workload, options);
      const times = workload.kind === 'handshake' ? HANDSHAKE_WARM_UPS : 1;
      await playRound(workload, trial, generator, options.warmUpMs * times);
    });
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const trial of trials) {
      await attempt(trial, async () => {
        trial.samples.push(await playRound(workload, trial, generator, options.roundMs));
      });
    }
  }
  await Promise.all(trials.map(({ server }) => server?.stop()));
  return new Map(
    trials.map(({ subject, samples, error }) => [
      subject.name,
      error === undefined ? { value: figuresOf(samples) } : { error },
    ]),
  );

  async function attempt(trial: Trial, work: () => Promise<void>): Promise<void> {
    if (trial.error !== undefined) return;
    try {
      await work();
    } catch (error) {
      trial.error = String(error);
      await generator.close();
    }
  }
}

/** The bytes that each connection adds to a server's resident set. */
export async function measureIdle(
  workload: IdleWorkload,
  subject: Subject,
  generator: Generator,
  options: MeasureOptions,
): Promise<Outcome<number>> {
  let server: ServerProcess | undefined;
  try {
    server = await start(subject, workload, options);
    const before = await settled(server);
    await generator.open(workload, server.url, subject.dialect);
    const after = await settled(server);
    return { value: (after - before) / workload.connections };
  } catch (error) {
    return { error: String(error) };
  } finally {
    await generator.close();
    await server?.stop();
  }
}

async function playRound(
  workload: TimedWorkload,
  { subject, server }: Trial,
  generator: Generator,
  roundMs: number,
): Promise<Sample> {
  if (server === undefined) throw new Error('it does not run');
  await generator.open(workload, server.url, subject.dialect);
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
