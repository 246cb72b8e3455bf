/** A workspace of its own for tests of the scripts, so that they never touch the one they are in. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { root } from '../workspace.mjs';

/**
 * A folder with our scripts, `files` (text by path) and a tool chain: Node is the one that runs us, and the install is a
 * line of shell. It is removed when the test ends.
 */
export function temporaryWorkspace({ files = {}, install = 'exit 0' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-scripts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(root, 'scripts'), join(folder, 'scripts'), {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  });
  const write = (path, text, mode = 0o644) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode });
  };
  write('package.json', JSON.stringify({ type: 'module', packageManager: 'pnpm@1.2.3' }));
  write('pnpm-workspace.yaml', 'packages:\n  - packages/*\n');
  const version = '[ "$1" = --version ] && echo 1.2.3 && exit';
  write('node_modules/.bin/pnpm', ['#!/bin/sh', version, install, ''].join('\n'), 0o755);
  mkdirSync(join(folder, 'node_modules/node24/bin'), { recursive: true });
  symlinkSync(process.execPath, join(folder, 'node_modules/node24/bin/node'));
  for (const [path, text] of Object.entries(files)) write(path, text);
  return folder;
}
