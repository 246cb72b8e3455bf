import { parseArgs } from 'node:util';

/** What is sent: the time every second, each line of standard input, or all of it at once. */
export type Mode = 'clock' | 'lines' | 'binary';

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string }
  | ConnectCommand;

export interface ConnectCommand {
  readonly kind: 'connect';
  readonly url: string;
  readonly mode: Mode;
  /** Over HTTP/2, RFC 8441, if the server takes that. */
  readonly http2: boolean;
  /** How long standard input's messages wait for their answers, in milliseconds. */
  readonly waitMs: number;
}

export const USAGE = `Usage: node dist/client/main.js [options] [url]

Talks to an echo server; without a url, to ws://127.0.0.1:3000/echo.

At a terminal it sends the time every second, and prints what comes back with the round trip, until
Ctrl-C. From a pipe it sends each line as a text message, prints each answer as a line, and ends when
there is an answer to each.

  --clock      send the time, whatever standard input is
  --lines      send lines, whatever standard input is
  --binary     send all of standard input as one binary message
  --http2      over HTTP/2 (RFC 8441), if the server takes WebSockets there
  --wait <s>   after the end of input, give up when no answer comes for so many seconds: 10
  --help       print this

Answers go to standard output, everything else to standard error. The exit status is 0 after a clean
close, 1 if anything else came of it, 2 if the command line was wrong.
`;

/** Reads the arguments; without a mode, whether there is a terminal decides. */
export function readCommandLine(args: readonly string[], atTerminal: boolean): Command {
  try {
    const { values, positionals } = parse(args);
    if (values.help) return { kind: 'help' };
    const [url = 'ws://127.0.0.1:3000/echo', ...more] = positionals;
    if (more.length > 0) return wrong(`One url, not ${positionals.length}`);
    const modes = (['clock', 'lines', 'binary'] as const).filter((mode) => values[mode]);
    if (modes.length > 1) return wrong(`--${modes.join(' and --')} exclude each other`);
    const seconds = Number(values.wait);
    // A timer takes no more milliseconds than 2^31 - 1.
    if (!(seconds > 0 && seconds < 2_000_000)) return wrong('--wait takes a number of seconds');
    const mode = modes[0] ?? (atTerminal ? 'clock' : 'lines');
    return { kind: 'connect', url, mode, http2: values.http2, waitMs: seconds * 1_000 };
  } catch (error) {
    // An unknown option, or one without its value: the first of Node's sentences says which.
    const [sentence = ''] = String(error instanceof Error ? error.message : error).split('. ');
    return wrong(sentence);
  }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      clock: { type: 'boolean', default: false },
      lines: { type: 'boolean', default: false },
      binary: { type: 'boolean', default: false },
      http2: { type: 'boolean', default: false },
      wait: { type: 'string', default: '10' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
}

function wrong(message: string): Command {
  return { kind: 'wrong', message };
}
