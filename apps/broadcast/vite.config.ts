import { defineConfig } from 'vite';

/** The page, that the server hands out from `dist/page`. */
export default defineConfig({
  root: 'src/page',
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    // The page's Content-Security-Policy lets nothing run or load from a data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
