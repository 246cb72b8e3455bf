/**
 * Programs that some tests need and npm does not bring. Each is looked for, then installed where that is allowed
 * (Debian, as root); where it stays missing, the tests that need it are skipped, and in CI that is a failure.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './children.mjs';

/**
 * - `variable`: the environment variable that says where the program is; the tests read it.
 * - `paths` and `programs`: where to look if the variable is not set, the second on PATH.
 * - `aptPackage`: what Debian calls it.
 */
const PARTS = [
  {
    name: 'Chromium',
    neededBy: 'the browser tests of apps/',
    variable: 'CHROMIUM_PATH',
    paths: ['/usr/bin/chromium'],
    programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    aptPackage: 'chromium',
  },
];

/**
 * Finds or installs every part. Resolves with `{ environment, missing }`: the variables for the tests, `undefined` where
 * they must not be set, and a line for each part that stays missing.
 */
export async function provideSystemParts({
  env = process.env,
  parts = PARTS,
  uid = process.getuid?.(),
} = {}) {
  const environment = {};
  const missing = [];
  for (const part of parts) {
    const path = find(part, env) ?? (uid === 0 ? await install(part, env) : undefined);
    environment[part.variable] = path;
    if (path === undefined) missing.push(explain(part, env));
    console.log(path === undefined ? missing.at(-1) : `${part.name}: ${path}`);
  }
  return { environment, missing };
}

/** A path that the user gave is the only one that counts: a wrong one must not be papered over. */
function find(part, env) {
  const given = env[part.variable];
  if (given !== undefined && given !== '') return isProgram(given) ? given : undefined;
  const found = part.programs.map((name) => onPath(name, env));
  return [...part.paths, ...found].find((path) => path !== undefined && isProgram(path));
}

async function install(part, env) {
  if (!hasAptGet(env) || isGiven(part, env)) return undefined;
  console.log(`${part.name} is missing: apt-get install ${part.aptPackage}`);
  const what = ['--yes', '--no-install-recommends', part.aptPackage];
  // A machine that has never run `update` knows no package, and an old list names versions that are gone.
  if (!(await aptGet(env, 'install', ...what))) {
    await aptGet(env, 'update');
    await aptGet(env, 'install', ...what);
  }
  return find(part, env);
}

async function aptGet(env, command, ...args) {
  const { exitCode } = await run('apt-get', [command, '--quiet=2', ...args], {
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return exitCode === 0;
}

function hasAptGet(env) {
  return onPath('apt-get', env) !== undefined;
}

function onPath(name, env) {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isGiven(part, env) {
  return (env[part.variable] ?? '') !== '';
}

function explain(part, env) {
  const { name, neededBy, variable, aptPackage } = part;
  if (isGiven(part, env)) {
    return `${name}: ${variable} is ${env[variable]}, and that is no program. Needed by ${neededBy}.`;
  }
  return (
    `${name} is missing; ${neededBy} need it. Install it (Debian: apt-get install ${aptPackage}) ` +
    `or set ${variable} to its path.`
  );
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
