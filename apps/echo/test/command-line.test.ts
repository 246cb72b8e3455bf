import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../src/client/command-line.ts';

const atTerminal = true;

describe('the command line', () => {
  it('may be empty: the time at a terminal, lines from a pipe', () => {
    const url = 'ws://127.0.0.1:3000/echo';
    const common = { kind: 'connect', url, http2: false, waitMs: 10_000 };
    expect(readCommandLine([], atTerminal)).toEqual({ ...common, mode: 'clock' });
    expect(readCommandLine([], !atTerminal)).toEqual({ ...common, mode: 'lines' });
  });

  it.each(['clock', 'lines', 'binary'])('chooses what is sent: --%s', (mode) => {
    expect(readCommandLine([`--${mode}`], atTerminal)).toMatchObject({ mode });
    expect(readCommandLine([`--${mode}`], !atTerminal)).toMatchObject({ mode });
  });

  it('takes options and the url in any order', () => {
    const command = { url: 'wss://[::1]:1', http2: true, waitMs: 500 };
    expect(readCommandLine(['--http2', 'wss://[::1]:1', '--wait', '.5'], true)).toMatchObject(
      command,
    );
    expect(readCommandLine(['--wait=.5', '--http2', 'wss://[::1]:1'], true)).toMatchObject(command);
  });

  it.each([
    ['two urls', ['ws://a', 'ws://b'], 'One url, not 2'],
    ['two modes', ['--lines', '--binary'], '--lines and --binary exclude each other'],
    ['a wait that is no number', ['--wait', 'long'], '--wait takes a number of seconds'],
    ['no wait at all', ['--wait', '0'], '--wait takes a number of seconds'],
    ['a wait that no timer can do', ['--wait', '3e6'], '--wait takes a number of seconds'],
    ['an option without its value', ['--wait'], "Option '--wait <value>' argument missing"],
    ['an unknown option', ['-x'], "Unknown option '-x'"],
  ])('is wrong with %s', (_what, args, message) => {
    expect(readCommandLine(args, atTerminal)).toEqual({ kind: 'wrong', message });
  });
});
