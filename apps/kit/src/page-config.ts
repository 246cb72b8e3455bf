import type { UserConfig } from 'vite';

/** The page of an app: these documents of `src/page`, built for its server into `dist/page`. */
export function pageConfig(...documents: readonly string[]): UserConfig {
  return {
    root: 'src/page',
    build: {
      outDir: '../../dist/page',
      emptyOutDir: true,
      // The page's Content-Security-Policy lets nothing run or load from a data: URL.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: documents.map((document) => `src/page/${document}`) },
    },
  };
}
