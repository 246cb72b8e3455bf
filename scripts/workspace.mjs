/** The workspace as its own files describe it; no script lists packages. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with pnpm-workspace.yaml. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export function readJson(...path) {
  return JSON.parse(readFileSync(join(...path), 'utf8'));
}

/**
 * Every package of the workspace as `{ name, folder, manifest }`, `folder` relative to the root and with `/`.
 * It understands the two patterns that pnpm-workspace.yaml uses: `folder` and `folder/*`.
 */
export function packages(workspace = root) {
  return patterns(workspace)
    .flatMap((pattern) => foldersOf(workspace, pattern))
    .filter((folder) => existsSync(join(workspace, folder, 'package.json')))
    .map((folder) => {
      const manifest = readJson(workspace, folder, 'package.json');
      return { name: manifest.name, folder, manifest };
    });
}

/** The packages that users install. */
export function publicPackages(workspace = root) {
  return packages(workspace).filter(({ manifest }) => manifest.private !== true);
}

/** The `packages:` list, which is all that the scripts need of YAML. */
function patterns(workspace) {
  const lines = readFileSync(join(workspace, 'pnpm-workspace.yaml'), 'utf8').split('\n');
  const found = [];
  for (const line of lines.slice(lines.indexOf('packages:') + 1)) {
    const item = /^\s+-\s+['"]?([^'"\s]+)['"]?\s*$/.exec(line);
    if (item === null) break;
    found.push(item[1]);
  }
  if (found.length === 0) throw new Error('pnpm-workspace.yaml has no list of packages');
  return found;
}

function foldersOf(workspace, pattern) {
  if (!pattern.endsWith('/*')) return [pattern];
  const parent = pattern.slice(0, -2);
  if (!existsSync(join(workspace, parent))) return [];
  return readdirSync(join(workspace, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`)
    .sort();
}
