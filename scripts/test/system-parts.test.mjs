import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { provideSystemParts } from '../system-parts.mjs';

/** A machine whose PATH has nothing but these programs; `sh` runs them. */
function machine(programs) {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-parts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'bin'));
  for (const [name, text] of Object.entries(programs)) program(join(folder, 'bin', name), text);
  return { folder, env: { PATH: join(folder, 'bin') } };
}

function program(path, text = 'exit 0') {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const part = {
  name: 'Loom',
  neededBy: 'the weaving tests',
  variable: 'LOOM_PATH',
  paths: [],
  programs: ['loom'],
  aptPackage: 'loom-core',
};

/** What apt-get does here: knows packages only after `update`, and installs to its own folder. */
const APT_GET = [
  'cd "$(/usr/bin/dirname "$0")"',
  'echo "$@" >> log',
  'if [ "$1" = update ]; then : > lists; exit 0; fi',
  '[ -e lists ] || exit 100',
  'printf "#!/bin/sh\\n" > loom; /bin/chmod +x loom',
].join('\n');

describe('a program that the tests need', () => {
  it('is the one that its variable names', async () => {
    const { folder, env } = machine({ loom: undefined });
    const given = program(join(folder, 'other-loom'));
    const { environment } = await provideSystemParts({
      env: { ...env, LOOM_PATH: given },
      parts: [part],
    });
    expect(environment).toEqual({ LOOM_PATH: given });
  });

  it('is not looked for elsewhere if its variable is wrong', async () => {
    const { env } = machine({ loom: undefined, 'apt-get': APT_GET });
    const { environment, missing } = await provideSystemParts({
      env: { ...env, LOOM_PATH: '/no/loom' },
      parts: [part],
      uid: 0,
    });
    expect(environment).toEqual({ LOOM_PATH: undefined });
    expect(missing).toEqual([expect.stringContaining('LOOM_PATH is /no/loom')]);
  });

  it('is found on PATH', async () => {
    const { folder, env } = machine({ loom: undefined });
    const { environment, missing } = await provideSystemParts({ env, parts: [part] });
    expect(environment).toEqual({ LOOM_PATH: join(folder, 'bin', 'loom') });
    expect(missing).toEqual([]);
  });

  it('is installed by root where there is apt-get, after an update if need be', async () => {
    const { folder, env } = machine({ 'apt-get': APT_GET });
    const { environment } = await provideSystemParts({ env, parts: [part], uid: 0 });
    expect(environment).toEqual({ LOOM_PATH: join(folder, 'bin', 'loom') });
  });

  it('is not installed by anybody else: a line says how to do it', async () => {
    const { env } = machine({ 'apt-get': APT_GET });
    const { environment, missing } = await provideSystemParts({ env, parts: [part], uid: 1000 });
    expect(environment).toEqual({ LOOM_PATH: undefined });
    expect(missing).toEqual([expect.stringContaining('apt-get install loom-core')]);
  });

  it('stays missing if it cannot be installed', async () => {
    const { env } = machine({ 'apt-get': 'exit 100' });
    const { missing } = await provideSystemParts({ env, parts: [part], uid: 0 });
    expect(missing).toHaveLength(1);
  });
});
