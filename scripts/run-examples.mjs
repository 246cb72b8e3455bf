/**
 * Runs the programs of the guides: what is under `## The whole example` is complete, ends by itself with exit code 0,
 * and prints what the block after it says.
 */
import { execFile } from 'node:child_process';
import { codeBlocks } from './code-blocks.mjs';
import { killBelow, markedEnvironment, newMark, signal } from './process-tree.mjs';

const HEADING = 'The whole example';
const LIMIT_MS = 60_000;
/** A program that prints more than this is stopped: an example fits on a screen. */
const MAX_OUTPUT_BYTES = 2 ** 20;

/**
 * The program of a guide as `{ line, code, output, flaw }`, or `undefined` if it has none: the number of its first line,
 * what it has to print if the guide says so, and why it cannot be run if it cannot.
 */
export function wholeExample(markdown) {
  const sections = sectionsOf(markdown).filter(({ title }) => title === HEADING);
  if (sections.length === 0) return undefined;
  const [{ line, blocks }, second] = sections;
  const [program, output, ...others] = blocks;
  if (second !== undefined) return { line, flaw: `line ${second.line} has this title too` };
  if (program?.language !== 'ts') return { line, flaw: 'it begins with a block of `ts`' };
  const example = { line: program.line, code: program.code };
  if (output === undefined) return example;
  if (output.language !== 'text' || others.length > 0) {
    return { ...example, flaw: 'nothing but one block of `text` may come after the program' };
  }
  if (!follows(output, program, markdown)) {
    return { ...example, flaw: 'nothing may stand between the program and what it prints' };
  }
  return { ...example, output: output.code === '' ? '' : `${output.code}\n` };
}

/**
 * Runs one program in `folder`. Resolves with what is wrong with it, or `undefined`; nothing that it has started is left.
 */
export async function runExample({ file, output, flaw }, folder, limitMs = LIMIT_MS) {
  if (flaw !== undefined) return flaw;
  const mark = newMark();
  const result = await execute(file, { cwd: folder, env: markedEnvironment(mark) }, mark, limitMs);
  await killBelow(result.pid, mark);
  if (result.error !== undefined) return [result.error, result.printed].join('\n').trim();
  if (output === undefined || result.stdout === output) return undefined;
  return `it prints\n${result.stdout}and not\n${output}`;
}

/** The sections of the second level as `{ title, line, blocks }`. A heading inside of a block is none. */
function sectionsOf(markdown) {
  const blocks = codeBlocks(markdown);
  const sections = [];
  markdown.split(/\r?\n/).forEach((text, index) => {
    const line = index + 1;
    const [, marks, title] = /^(#{1,2}) +(.*?)\s*$/.exec(text) ?? [];
    if (marks === undefined || blocks.some((block) => isWithin(line, block))) return;
    sections.push({ title: marks === '##' ? title : undefined, line });
  });
  return sections.map(({ title, line }, index) => {
    const end = sections[index + 1]?.line ?? Number.POSITIVE_INFINITY;
    return { title, line, blocks: blocks.filter((each) => each.line > line && each.line < end) };
  });
}

function isWithin(line, block) {
  return line >= block.line && line < endOf(block);
}

/** The line of the fence that closes a block. */
function endOf({ line, code }) {
  return line + code.split('\n').length;
}

/** Whether there are only empty lines between two blocks. */
function follows(second, first, markdown) {
  const between = markdown.split(/\r?\n/).slice(endOf(first), second.line - 2);
  return between.every((text) => text.trim() === '');
}

/** Resolves with `{ pid, error, stdout, printed }`; `printed` is all that it has printed, errors last. */
function execute(file, options, mark, limitMs) {
  return new Promise((resolve) => {
    let hangs = false;
    const child = execFile(
      process.execPath,
      [file],
      { ...options, maxBuffer: MAX_OUTPUT_BYTES, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        clearTimeout(timer);
        resolve({
          pid: child.pid,
          error: hangs ? `it has not ended after ${limitMs / 1000} s` : reasonOf(error),
          stdout,
          printed: stdout + stderr,
        });
      },
    );
    child.stdin.end();
    const timer = setTimeout(async () => {
      hangs = true;
      // First what is below it: where there are no marks, only its parent tells whose it is.
      await killBelow(child.pid, mark);
      signal(child.pid, 'SIGKILL');
      // What has escaped may still hold the other end.
      child.stdout.destroy();
      child.stderr.destroy();
    }, limitMs);
  });
}

function reasonOf(error) {
  if (error === null) return undefined;
  if (typeof error.code === 'number') return `it ends with exit code ${error.code}`;
  return error.signal ? `it is ended by ${error.signal}` : error.message;
}
