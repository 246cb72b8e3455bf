import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { signal } from '../process-tree.mjs';
import { temporaryWorkspace } from './temporary-workspace.mjs';

/**
 * A family that does not want to go: one child in a group of its own, and one whose parent is gone, both deaf to
 * SIGINT and SIGTERM. All write their process ids to the file `pids`; the parent ends on the first signal.
 */
const FAMILY = `
  import { spawn } from 'node:child_process';
  import { appendFileSync } from 'node:fs';

  const [role = 'parent'] = process.argv.slice(2);
  const start = (next, options) => spawn(process.execPath, ['family.mjs', next], { stdio: 'ignore', ...options });
  const stay = () => setInterval(() => {}, 1000);
  if (role === 'parent') {
    for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => process.exit(3));
    start('deaf', { detached: true });
    start('go-between', { detached: true });
    stay();
  } else if (role === 'go-between') {
    start('deaf', { detached: true }).unref();
  } else {
    for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => {});
    stay();
  }
  if (role !== 'go-between') appendFileSync('pids', process.pid + ' ');
`;
const FAMILY_SIZE = 3;

/** Starts with-tools.mjs in a workspace. */
function start(folder, script, ...args) {
  const child = spawn(process.execPath, ['scripts/with-tools.mjs', script, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void signal(child.pid, 'SIGKILL'));
  let output = '';
  child.stdout.on('data', (bytes) => {
    output += bytes;
  });
  const ended = new Promise((resolve) => {
    child.on('close', (exitCode, killedBy) => resolve({ exitCode, killedBy, output }));
  });
  return { child, ended, output: () => output };
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function familyIn(folder) {
  const file = join(folder, 'pids');
  const pids = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : []);
  await until(() => pids().length === FAMILY_SIZE);
  return pids().map(Number);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    // A process that is dead, and only waits for its parent to notice, is no process any more.
    return !existsSync('/proc') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s', (name) => {
  it('ends everything that the script has started', async () => {
    const folder = temporaryWorkspace({ files: { 'family.mjs': FAMILY } });
    const { child, ended } = start(folder, 'family.mjs');
    const family = await familyIn(folder);
    expect(family.filter(isAlive)).toEqual(family);
    child.kill(name);
    expect(await ended).toMatchObject({ exitCode: 3 });
    expect(family.filter(isAlive)).toEqual([]);
  });

  it('ends everything that the install has started, and runs no script', async () => {
    const install = `exec '${process.execPath}' family.mjs`;
    const folder = temporaryWorkspace({ files: { 'family.mjs': FAMILY }, install });
    const { child, ended } = start(folder, 'scripts/test.mjs');
    const family = await familyIn(folder);
    child.kill(name);
    const { killedBy, output } = await ended;
    expect(killedBy).toBe(name);
    expect(output).not.toContain('Build');
    expect(family.filter(isAlive)).toEqual([]);
  });
});

describe('with-tools', () => {
  it('leaves nothing behind when the script ends by itself', async () => {
    const files = {
      'family.mjs': FAMILY,
      'short.mjs': `
        import { spawn } from 'node:child_process';
        import { existsSync, readFileSync } from 'node:fs';
        spawn(process.execPath, ['family.mjs'], { stdio: 'ignore', detached: true }).unref();
        const size = () => existsSync('pids') ? readFileSync('pids', 'utf8').trim().split(' ').length : 0;
        while (size() < ${FAMILY_SIZE}) await new Promise((resolve) => setTimeout(resolve, 20));`,
    };
    const folder = temporaryWorkspace({ files });
    const { ended } = start(folder, 'short.mjs');
    expect(await ended).toMatchObject({ exitCode: 0 });
    const family = await familyIn(folder);
    expect(family.filter(isAlive)).toEqual([]);
  });

  it('lets the script end in its own way, once, however many signals one Ctrl-C brings', async () => {
    const files = {
      'polite.mjs': `
        process.on('SIGTERM', () => { console.log('goodbye'); setTimeout(() => process.exit(7), 300); });
        setInterval(() => {}, 1000);
        console.log('ready');`,
    };
    const { child, ended, output } = start(temporaryWorkspace({ files }), 'polite.mjs');
    await until(() => output().includes('ready'));
    child.kill('SIGINT');
    child.kill('SIGINT');
    const result = await ended;
    expect(result.exitCode).toBe(7);
    expect(result.output.match(/goodbye/g)).toHaveLength(1);
  });

  it('ends a script that will not end when it is asked a second time', async () => {
    const files = {
      'deaf.mjs': `
        process.on('SIGTERM', () => {});
        setInterval(() => {}, 1000);
        console.log('ready');`,
    };
    const { child, ended, output } = start(temporaryWorkspace({ files }), 'deaf.mjs');
    await until(() => output().includes('ready'));
    child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const asked = Date.now();
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ killedBy: 'SIGINT' });
    expect(Date.now() - asked).toBeLessThan(2000);
  });

  it('runs the script with its arguments on the Node of the tool chain, first on PATH', async () => {
    const files = {
      'show.mjs': `import { realpathSync } from 'node:fs';
        const [first] = process.env.PATH.split(':');
        console.log(process.argv.slice(2).join(), realpathSync(first + '/node') === process.execPath);`,
    };
    const { ended } = start(temporaryWorkspace({ files }), 'show.mjs', 'a', 'b');
    expect((await ended).output).toContain('a,b true');
  });

  it('ends as the script did', async () => {
    const files = { 'killed.mjs': "process.kill(process.pid, 'SIGKILL');" };
    const { ended } = start(temporaryWorkspace({ files }), 'killed.mjs');
    expect(await ended).toMatchObject({ exitCode: null, killedBy: 'SIGKILL' });
  });

  it('counts a failed install as the one failure of a test run', async () => {
    const folder = temporaryWorkspace({ install: 'exit 1' });
    const { exitCode, output } = await start(folder, 'scripts/test.mjs').ended;
    expect(exitCode).toBe(1);
    expect(output.trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed');
  });
});
