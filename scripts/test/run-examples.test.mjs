import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runExample, wholeExample } from '../run-examples.mjs';
import { temporaryWorkspace } from './temporary-workspace.mjs';

const lines = (...text) => text.join('\n');
const fence = (language, code) => lines(`\`\`\`${language}`, code, '```', '');
const guide = (...parts) => lines('# A guide', '', '## The whole example', '', ...parts);

describe('the whole example of a guide', () => {
  it('is the program below its heading, and what that prints', () => {
    const markdown = guide('Some words.', '', fence('ts', 'a();\nb();'), fence('text', '1\n2'));
    expect(wholeExample(markdown)).toEqual({ line: 8, code: 'a();\nb();', output: '1\n2\n' });
  });

  it('need not say what it prints, and may have to print nothing', () => {
    expect(wholeExample(guide(fence('ts', 'a();')))).toEqual({ line: 6, code: 'a();' });
    const silent = guide(fence('ts', 'a();'), lines('```text', '```'));
    expect(wholeExample(silent)).toMatchObject({ output: '' });
  });

  it('ends at the next heading', () => {
    const markdown = guide(fence('ts', 'a();'), '## What to watch', '', fence('text', 'no output'));
    expect(wholeExample(markdown)).toEqual({ line: 6, code: 'a();' });
  });

  it('is not in a guide without its heading; one inside of a block is none', () => {
    expect(wholeExample(lines('# A guide', '', fence('ts', 'a();')))).toBeUndefined();
    expect(wholeExample(fence('md', '## The whole example'))).toBeUndefined();
    const markdown = guide(fence('ts', '/*\n## Not a heading\n*/'), fence('text', '# 1'));
    expect(wholeExample(markdown)).toMatchObject({ output: '# 1\n' });
  });

  it.each([
    ['no program', guide('To do.')],
    ['another language', guide(fence('js', 'a();'))],
    ['two programs', guide(fence('ts', 'a();'), fence('ts', 'b();'))],
    ['two outputs', guide(fence('ts', 'a();'), fence('text', '1'), fence('text', '2'))],
    ['words before the output', guide(fence('ts', 'a();'), 'It prints:', '', fence('text', '1'))],
    ['the heading twice', guide(fence('ts', 'a();'), '## The whole example')],
  ])('has a flaw: %s', async (_what, markdown) => {
    const example = wholeExample(markdown);
    expect(example).toMatchObject({ line: expect.any(Number), flaw: expect.any(String) });
    expect(await runExample(example, '/nowhere')).toBe(example.flaw);
  });
});

/** Runs `code` as an example. */
function run(code, { output, limitMs } = {}) {
  const folder = temporaryWorkspace({ files: { 'example.ts': code } });
  return runExample({ file: 'example.ts', output }, folder, limitMs);
}

describe('a program', () => {
  it('is TypeScript, and prints exactly what it should', async () => {
    const code = "const text: string = 'a';\nconsole.log(text);";
    expect(await run(code, { output: 'a\n' })).toBeUndefined();
    expect(await run(code)).toBeUndefined();
    expect(await run(code, { output: 'a' })).toBe('it prints\na\nand not\na');
    expect(await run(code, { output: 'b\n' })).toBe('it prints\na\nand not\nb\n');
  });

  it('may write to standard error what it likes', async () => {
    expect(await run("console.error('warning');", { output: '' })).toBeUndefined();
  });

  it('fails by its exit code, with what it has printed', async () => {
    const code = "console.log('half');\nthrow new Error('broken');";
    const error = await run(code, { output: 'half\n' });
    expect(error).toMatch(/^it ends with exit code 1\nhalf\n/);
    expect(error).toContain('Error: broken');
  });

  it('fails by a signal', async () => {
    expect(await run("process.kill(process.pid, 'SIGTERM');")).toBe('it is ended by SIGTERM');
  });

  it('gets no input to wait for', async () => {
    const code = 'process.stdin.resume();';
    expect(await run(code)).toBeUndefined();
  });

  it('is stopped if it prints without end', async () => {
    const code = "const more = () => process.stdout.write('a'.repeat(65_536), more);\nmore();";
    expect(await run(code)).toContain('maxBuffer');
  });

  it('that does not end is ended, with all that it has started', async () => {
    const code = lines(
      "import { spawn } from 'node:child_process';",
      "const stay = ['-e', \"process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);\"];",
      "const child = spawn(process.execPath, stay, { detached: true, stdio: 'inherit' });",
      'console.log(child.pid);',
      'setInterval(() => {}, 1000);',
    );
    const [reason, pid] = (await run(code, { limitMs: 2000 })).split('\n');
    expect(reason).toBe('it has not ended after 2 s');
    expect(isAlive(Number(pid))).toBe(false);
  });

  it('leaves nothing behind that it has started', async () => {
    const code = lines(
      "import { spawn } from 'node:child_process';",
      "import { writeFileSync } from 'node:fs';",
      "const stay = ['-e', 'setInterval(() => {}, 1000);'];",
      "const child = spawn(process.execPath, stay, { detached: true, stdio: 'ignore' });",
      'child.unref();',
      "writeFileSync('pid', String(child.pid));",
    );
    const folder = temporaryWorkspace({ files: { 'example.ts': code } });
    expect(await runExample({ file: 'example.ts' }, folder)).toBeUndefined();
    expect(isAlive(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(false);
  });
});

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    // A process that is dead, and only waits for its parent to notice, is no process any more.
    return !existsSync('/proc') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

/** Runs docs-examples.mjs in a workspace whose compiler finds no errors. */
function checkDocs(files) {
  const compiler = 'node_modules/.bin/tsc';
  const folder = temporaryWorkspace({ files: { ...files, [compiler]: '#!/bin/sh\n' } });
  chmodSync(join(folder, compiler), 0o755);
  const { status, stdout } = spawnSync(process.execPath, ['scripts/docs-examples.mjs'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const report = JSON.parse(readFileSync(join(folder, 'reports', 'docs-examples.json'), 'utf8'));
  const checks = report.testResults.map(({ name, assertionResults: [{ fullName, status }] }) => {
    return `${name.slice(folder.length + 1)}: ${fullName}: ${status}`;
  });
  return { status, stdout, checks };
}

describe('scripts/docs-examples.mjs', () => {
  const greeting = "import { greeting } from 'greeter';\nconsole.log(greeting);";
  const files = {
    'packages/greeter/package.json': '{"name":"greeter","type":"module","exports":"./main.js"}',
    'packages/greeter/main.js': "export const greeting = 'hello';",
    'docs/guides/greeting.md': guide(fence('ts', greeting), fence('text', 'hello')),
    'docs/other.md': guide(fence('ts', "throw new Error('never run');")),
  };

  it('runs the whole examples of the guides, against the packages, and no other blocks', () => {
    const { status, stdout, checks } = checkDocs(files);
    expect(checks).toEqual([
      'docs/guides/greeting.md: line 6: compiles: passed',
      'docs/other.md: line 6: compiles: passed',
      'docs/guides/greeting.md: line 6: runs: passed',
    ]);
    expect(stdout).toContain('2 blocks in 2 documents, 1 examples run, 0 with errors');
    expect(status).toBe(0);
  });

  it('fails if one of them does', () => {
    const failing = guide(fence('ts', greeting), fence('text', 'goodbye'));
    const { status, checks } = checkDocs({
      ...files,
      'docs/guides/failing.md': failing,
      'docs/guides/flawed.md': guide('To do.'),
    });
    expect(checks.filter((check) => check.includes('runs'))).toEqual([
      'docs/guides/failing.md: line 6: runs: failed',
      'docs/guides/flawed.md: line 3: runs: failed',
      'docs/guides/greeting.md: line 6: runs: passed',
    ]);
    expect(status).toBe(1);
  });
});
