import { connect, UsageError } from '@heddle/node';
import { MAX_MESSAGE_BYTES } from '../message-limit.ts';
import { type ConnectCommand, readCommandLine, USAGE } from './command-line.ts';
import { explainFailure } from './failure.ts';
import { Interruption } from './interruption.ts';
import { talk } from './talk.ts';

/** What the shell is told: all went well, it did not, or the command line was wrong. */
const [OK, FAILED, WRONG_USAGE] = [0, 1, 2];

const interruption = new Interruption();
const status = await main();
// Answers that nobody reads would keep the process, and somebody has insisted on its end.
if (interruption.insisted.aborted) process.exit(status);
process.exitCode = status;

async function main(): Promise<number> {
  const command = readCommandLine(process.argv.slice(2), process.stdin.isTTY === true);
  if (command.kind === 'wrong') return complain(command.message);
  if (command.kind === 'connect') return visit(command);
  process.stdout.write(USAGE);
  return OK;
}

async function visit(command: ConnectCommand): Promise<number> {
  const socket = await open(command);
  if (typeof socket === 'number') return socket;
  if (command.mode === 'clock') console.error(`Connected to ${shown(command.url)}. Ctrl-C closes.`);
  return (await talk(socket, command, interruption)) ? OK : FAILED;
}

/** Resolves with the connection, or, when that has been said, with the status for its failure. */
async function open({ url, http2 }: ConnectCommand) {
  const { asked } = interruption;
  const limits = { maxMessageBytes: MAX_MESSAGE_BYTES };
  try {
    return await connect(url, { http: http2 ? 2 : 1, signal: asked, limits });
  } catch (error) {
    if (error instanceof UsageError) return complain(error.message);
    const why = asked.aborted ? 'Interrupted before there was a connection' : undefined;
    console.error(why ?? explainFailure(error, new URL(url).host));
    return FAILED;
  }
}

/** Without the password that may stand in it. */
function shown(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function complain(message: string): number {
  console.error(`${message}. What there is: --help`);
  return WRONG_USAGE;
}
