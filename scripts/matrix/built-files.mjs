/**
 * A Vite plugin for the Node matrix. Tests import the files of their own package as `../src/x.ts`; this gives them
 * `../dist/x.js` instead, which Node then loads by itself, as it will for users. No source file can get in.
 */
const SOURCE = /^(.*\/packages\/[^/]+)\/src\/(.+)\.ts$/;

/** `dist/x.js` for the path of a source file, else `undefined`. */
export function builtFileOf(path) {
  const match = SOURCE.exec(path);
  return match === null ? undefined : `${match[1]}/dist/${match[2]}.js`;
}

/** Throws if the path or URL is that of a source file. */
export function refuseSource(id) {
  if (builtFileOf(id.split('?')[0]) === undefined) return;
  throw new Error(`The matrix tests built files, and this is a source: ${id}`);
}

export function builtFiles() {
  return {
    name: 'heddle:built-files',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
      const built = resolved && builtFileOf(resolved.id);
      return built ? { ...resolved, id: built } : resolved;
    },
    load(id) {
      refuseSource(id);
    },
  };
}

/**
 * Vitest 5.1 needs `Map.groupBy` to report a failed test, and Node 20 has none. This gives it to the process that
 * reports; the tests run in others, which get nothing that their Node has not.
 */
export function letVitestReport() {
  Map.groupBy ??= (items, keyOf) => {
    const groups = new Map();
    for (const item of items) {
      const key = keyOf(item);
      groups.set(key, [...(groups.get(key) ?? []), item]);
    }
    return groups;
  };
}
