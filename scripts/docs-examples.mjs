/**
 * Compiles the TypeScript in the docs as a user would: against the built packages, by the names that users import.
 * Each `ts` block is a module of its own. There is no way to leave one out but to give it another language.
 *
 * The whole examples of the guides are run too, one after the other: run-examples.mjs.
 */
import { execFile } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { codeBlocks } from './code-blocks.mjs';
import { writeReport } from './report.mjs';
import { runExample, wholeExample } from './run-examples.mjs';
import { packages, root } from './workspace.mjs';

const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'packages/*/README.md', 'docs/**/*.md'];
const GUIDES = 'docs/guides/*.md';
const PROJECT = join(root, 'reports', 'docs-examples');
const LANGUAGES = new Set(['ts', 'typescript', 'mts', 'cts', 'tsx']);

const documents = DOCUMENTS.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
const blocks = documents.flatMap(blocksOf);
const examples = globSync(GUIDES, { cwd: root }).sort().flatMap(exampleOf);
writeProject();
const errors = await compile();
const checks = blocks.map(({ document, line, file, flaw }) => ({
  file: join(root, document),
  name: `line ${line}: compiles`,
  error: flaw ?? errors.get(file)?.join('\n  '),
}));
const stray = [...errors.keys()].filter((file) => !blocks.some((block) => block.file === file));
for (const file of stray)
  checks.push({ file: PROJECT, name: 'compiles', error: errors.get(file).join('\n  ') });
for (const example of examples) {
  const { document, line } = example;
  const error = await runExample(example, PROJECT);
  checks.push({ file: join(root, document), name: `line ${line}: runs`, error });
}
const failed = writeReport(join(root, 'reports', 'docs-examples.json'), checks);
console.log(
  `${blocks.length} blocks in ${documents.length} documents, ${examples.length} examples run, ${failed} with errors`,
);
process.exitCode = failed === 0 ? 0 : 1;

function blocksOf(document) {
  return codeBlocks(readFileSync(join(root, document), 'utf8'))
    .filter(({ language }) => LANGUAGES.has(language))
    .map(({ language, info, line, code }) => ({
      document,
      line,
      code,
      file: fileOf(document, line),
      flaw: flawOf(language, info),
    }));
}

function exampleOf(document) {
  const example = wholeExample(readFileSync(join(root, document), 'utf8'));
  return example === undefined
    ? []
    : [{ ...example, document, file: fileOf(document, example.line) }];
}

/** The name of the file that a block becomes. */
function fileOf(document, line) {
  return `${document.replaceAll('/', '-')}-${line}.ts`;
}

function flawOf(language, info) {
  if (language !== 'ts') return `write \`ts\` for \`${language}\``;
  if (info !== '') return `nothing may follow \`ts\`: ${info}`;
  return undefined;
}

/** The blocks as files, the packages and everything that they depend on as modules. */
function writeProject() {
  rmSync(PROJECT, { recursive: true, force: true });
  mkdirSync(PROJECT, { recursive: true });
  writeFileSync(join(PROJECT, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  writeFileSync(join(PROJECT, 'tsconfig.json'), JSON.stringify(tsconfig(), undefined, 2));
  for (const { file, line, code } of blocks) {
    // As many empty lines as there are above the block, so that an error has the line of the document.
    writeFileSync(join(PROJECT, file), '\n'.repeat(line - 1) + code);
  }
  for (const { name, folder, manifest } of packages()) {
    if (manifest.private !== true) link(name, join(root, folder));
    const dependencies = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const dependency of Object.keys(dependencies)) {
      link(dependency, join(root, folder, 'node_modules', dependency));
    }
  }
}

function link(name, target) {
  const path = join(PROJECT, 'node_modules', name);
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

function tsconfig() {
  return {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      noEmit: true,
      customConditions: [],
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
    },
    files: blocks.map(({ file }) => file),
  };
}

/** The errors of each file, as `line, column: message`. */
async function compile() {
  const errors = new Map();
  if (blocks.length === 0) return errors;
  const { failed, output } = await tsc();
  for (const text of output.split('\n')) {
    const [, file, line, column, message] = /^(\S+?)\((\d+),(\d+)\): (.*)$/.exec(text) ?? [];
    if (file === undefined) continue;
    errors.set(file, [...(errors.get(file) ?? []), `line ${line}, column ${column}: ${message}`]);
  }
  if (failed && errors.size === 0) errors.set('', [output]);
  return errors;
}

function tsc() {
  const command = join(root, 'node_modules', '.bin', 'tsc');
  return new Promise((resolve) => {
    execFile(command, ['--pretty', 'false'], { cwd: PROJECT }, (error, output) => {
      resolve({
        failed: error !== null,
        output: output + (error?.code === 'ENOENT' ? error.message : ''),
      });
    });
  });
}
