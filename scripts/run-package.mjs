/**
 * `node scripts/run-package.mjs <package> <script> <title> [arguments]` builds what the package needs and runs its
 * script with the arguments. The script must be plain `node <file> [arguments]`: no shell and no pnpm stand between us
 * and it, so that signals reach it. Start it through with-tools.mjs.
 */
import { join } from 'node:path';
import { endAs, INTERRUPTED, run, stopSignal } from './children.mjs';
import { heading } from './progress.mjs';
import { packages, root } from './workspace.mjs';

const [, , packageName, scriptName, title, ...more] = process.argv;

endAs(await main());

async function main() {
  const found = packages().find(({ name }) => name === packageName);
  const script = found?.manifest.scripts?.[scriptName];
  if (script === undefined) {
    console.error(
      `There is no script ${scriptName} of a package ${packageName} in this workspace.`,
    );
    return { exitCode: 1 };
  }
  // The package itself may have nothing to build, and what it depends on may all the same.
  const filter = `--filter=${packageName}...`;
  heading(`Build: turbo run build ${filter}`);
  const built = await run('turbo', ['run', 'build', filter, '--output-logs=new-only']);
  if (stopSignal() !== undefined) return { exitCode: INTERRUPTED };
  if (built.exitCode !== 0) return built;

  heading(`${title}: ${[script, ...more].join(' ')} (Ctrl-C ends it)`);
  const args = [...nodeArguments(script), ...more];
  return await run(process.execPath, args, { cwd: join(root, found.folder) });
}

function nodeArguments(script) {
  const [node, ...args] = script.split(/\s+/);
  if (node !== 'node' || /["'$&|;<>`\\]/.test(script)) {
    throw new Error(
      `${packageName} must have \`node <file> [arguments]\` as its script: ${script}`,
    );
  }
  return args;
}
