import type { Connection } from '@heddle/node';
import { Clock } from './clock.ts';
import type { ConnectCommand } from './command-line.ts';
import { describeEnding } from './ending.ts';
import { Exchange } from './exchange.ts';
import { readLines, readWhole } from './input.ts';
import type { Interruption } from './interruption.ts';
import { Output } from './output.ts';
import { printable } from './printable.ts';

/** Talks to the server until one of the two ends it. Resolves with whether all went well. */
export async function talk(
  socket: Connection,
  command: ConnectCommand,
  interruption: Interruption,
): Promise<boolean> {
  const output = new Output(process.stdout, interruption.asked);
  const enough = AbortSignal.any([interruption.asked, output.broken]);
  enough.addEventListener('abort', () => void socket.close());
  interruption.insisted.addEventListener('abort', () => socket.destroy());
  if (command.mode !== 'clock') return passOn(socket, command, { output, enough });
  return tellTime(socket, { output, enough });
}

interface Ends {
  readonly output: Output;
  /** Aborts when no more is wanted: the connection then closes. */
  readonly enough: AbortSignal;
}

async function tellTime(socket: Connection, { output, enough }: Ends): Promise<boolean> {
  enough.addEventListener('abort', () => console.error('Closing (Ctrl-C again drops it) …'));
  const clock = new Clock(socket, output);
  await clock.run(enough);
  const info = await socket.closed;
  console.error(describeEnding(info, enough.aborted));
  console.error(clock.summary());
  return info.wasClean && enough.aborted;
}

/** It is for scripts: as long as all goes well, it says nothing. */
async function passOn(socket: Connection, command: ConnectCommand, ends: Ends): Promise<boolean> {
  const { output, enough } = ends;
  const exchange = new Exchange(socket, output, command.waitMs);
  const read = command.mode === 'lines' ? readLines : readWhole;
  await exchange.run(read(process.stdin));
  // Somebody may hold the other end of the pipe open, and this process with it.
  process.stdin.destroy();
  const info = await socket.closed;
  if (output.readerHasGone) return info.wasClean;

  const { failure, unanswered } = exchange;
  const endedByUs = exchange.endedByUs || enough.aborted;
  const problems = [
    failure === undefined ? '' : `The input: ${messageOf(failure)}`,
    output.broken.aborted ? `The output: ${messageOf(output.broken.reason)}` : '',
    unanswered === 0 ? '' : `Without an answer: ${unanswered} of ${exchange.sent}`,
    info.wasClean && endedByUs ? '' : describeEnding(info, endedByUs),
  ].filter((problem) => problem !== '');
  for (const problem of problems) console.error(problem);
  return problems.length === 0;
}

function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}
