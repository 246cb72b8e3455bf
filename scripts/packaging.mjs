/**
 * `turbo run packaging`: what npm would get of each public package. publint reads its manifest against its files, attw
 * resolves its types as TypeScript does in a user's project. size-limit knows from package.json how large a bundle with
 * core in it may become. All need the build.
 */
import { execFile } from 'node:child_process';
import { join, relative } from 'node:path';
import { writeReport } from './report.mjs';
import { publicPackages, root } from './workspace.mjs';

const CHECKS = [
  { command: 'publint', args: ['--strict'] },
  // The packages are ESM; CommonJS loads them with `require`, which every supported Node allows.
  { command: 'attw', args: ['--pack', '.', '--profile', 'esm-only', '--no-color', '--no-emoji'] },
];

const checks = [];
for (const { folder } of publicPackages()) {
  for (const { command, args } of CHECKS) await check(folder, command, args);
}
await check('.', 'size-limit', []);
const failed = writeReport(join(root, 'reports', 'packaging.json'), checks);
process.exitCode = failed === 0 ? 0 : 1;

async function check(folder, command, args) {
  const file = join(root, folder, 'package.json');
  const error = await errorOf(command, args, join(root, folder));
  console.log(
    `${relative(root, file)}: ${command} ${error === undefined ? 'ok' : 'found something'}`,
  );
  checks.push({ file, name: command, error });
}

/** The output of a command that failed. */
function errorOf(command, args, cwd) {
  return new Promise((resolve) => {
    execFile(
      join(root, 'node_modules', '.bin', command),
      args,
      { cwd },
      (error, stdout, stderr) => {
        resolve(error === null ? undefined : [stdout, stderr, error.message].join('\n').trim());
      },
    );
  });
}
