import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packages, publicPackages, readJson, root } from '../workspace.mjs';
import { temporaryWorkspace } from './temporary-workspace.mjs';

describe('the packages of a workspace', () => {
  it('are those that pnpm-workspace.yaml names', () => {
    const folder = temporaryWorkspace({
      files: {
        'pnpm-workspace.yaml': "packages:\n  - packages/*\n  - 'tools'\n\ncatalog:\n  a: 1\n",
        'packages/b/package.json': '{"name":"b"}',
        'packages/a/package.json': '{"name":"a","private":true}',
        'packages/no-package/readme.md': '',
        'tools/package.json': '{"name":"tools"}',
        'other/package.json': '{"name":"other"}',
      },
    });
    const folders = packages(folder).map((each) => each.folder);
    expect(folders).toEqual(['packages/a', 'packages/b', 'tools']);
    expect(publicPackages(folder).map(({ name }) => name)).toEqual(['b', 'tools']);
  });
});

// turbo and the scripts run what a package has. One that lacked a script would be left out in silence.
const withCode = packages().filter(({ folder }) =>
  ['src', 'test'].some((name) => existsSync(join(root, folder, name))),
);
const tagOf = ({ folder }) => readJson(root, folder, 'turbo.json').tags;

describe.each(withCode)('$name', (each) => {
  it('is of one layer, which has a rule', () => {
    expect(tagOf(each)).toHaveLength(1);
    expect(Object.keys(readJson(root, 'turbo.json').boundaries.tags)).toContain(tagOf(each)[0]);
  });

  it('has its types checked and its tests run', () => {
    expect(Object.keys(each.manifest.scripts)).toEqual(expect.arrayContaining(['types', 'test']));
  });
});

describe.each(publicPackages())('$name, which users install,', ({ manifest }) => {
  it('is built into what it exports', () => {
    expect(manifest.scripts).toHaveProperty('build');
    for (const entry of Object.values(manifest.exports)) {
      expect(Object.keys(entry)).toEqual(['@heddle/source', 'types', 'default']);
    }
  });

  it('says what it runs on and what it ships', () => {
    expect(manifest).toMatchObject({
      license: 'MIT',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=20.19' },
      files: ['dist', 'src'],
    });
  });
});

describe('an adapter', () => {
  const layers = new Map(withCode.map((each) => [each.name, tagOf(each)[0]]));
  const layersOf = (dependencies = {}) =>
    Object.keys(dependencies)
      .filter((name) => layers.has(name))
      .map((name) => layers.get(name));

  // turbo boundaries follows dependencies of dependencies, so it cannot tell node from the core below it.
  it.each(withCode.filter((each) => tagOf(each)[0] === 'adapter'))(
    '$name stands on node alone',
    ({ manifest }) => {
      expect(layersOf(manifest.dependencies)).toEqual(['node']);
      expect(layersOf(manifest.devDependencies)).toEqual(['testing']);
    },
  );
});
