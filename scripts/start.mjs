/** `npm start`: builds what the chat needs and runs it, which prints its URL. Start it through with-tools.mjs. */
import { join } from 'node:path';
import { endAs, INTERRUPTED, run, stopSignal } from './children.mjs';
import { heading } from './progress.mjs';
import { packages, root } from './workspace.mjs';

const CHAT = '@heddle/chat';

endAs(await main());

async function main() {
  const chat = packages().find(({ name }) => name === CHAT);
  if (chat === undefined) {
    console.error(`There is no package ${CHAT} in this workspace.`);
    return { exitCode: 1 };
  }
  heading(`Build: turbo run build --filter=${CHAT}`);
  const built = await run('turbo', ['run', 'build', `--filter=${CHAT}`, '--output-logs=new-only']);
  if (stopSignal() !== undefined) return { exitCode: INTERRUPTED };
  if (built.exitCode !== 0) return built;

  const { start } = chat.manifest.scripts;
  heading(`Chat: ${start} (Ctrl-C ends it)`);
  return await run(process.execPath, nodeArguments(start), { cwd: join(root, chat.folder) });
}

/** The script without its `node`: no shell and no pnpm stand between us and the chat, so that signals reach it. */
function nodeArguments(script) {
  const [node, ...args] = script.split(/\s+/);
  if (node !== 'node' || /["'$&|;<>`\\]/.test(script)) {
    throw new Error(
      `The start script of ${CHAT} must be plain \`node <file> [arguments]\`: ${script}`,
    );
  }
  return args;
}
