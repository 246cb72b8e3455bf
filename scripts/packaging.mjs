/**
 * `turbo run packaging`: what npm would get of each public package. publint reads its manifest against its files, attw
 * resolves its types as TypeScript does in a user's project. Both need the build.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { writeReport } from './report.mjs';
import { publicPackages, root } from './workspace.mjs';

const CHECKS = [
  { command: 'publint', args: ['--strict'] },
  // The packages are ESM; CommonJS loads them with `require`, which every supported Node allows.
  { command: 'attw', args: ['--pack', '.', '--profile', 'esm-only', '--no-color', '--no-emoji'] },
];

const checks = [];
for (const { name, folder } of publicPackages()) {
  for (const { command, args } of CHECKS) {
    const error = await errorOf(command, args, join(root, folder));
    console.log(`${name}: ${command} ${error === undefined ? 'ok' : 'found something'}`);
    checks.push({ file: join(root, folder, 'package.json'), name: command, error });
  }
}
const failed = writeReport(join(root, 'reports', 'packaging.json'), checks);
process.exitCode = failed === 0 ? 0 : 1;

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
