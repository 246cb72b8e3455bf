import { defineConfig } from 'vite';

/** The page: two documents, `/` and `/r/<room>`, that the server hands out from `dist/page`. */
export default defineConfig({
  root: 'src/page',
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    // The page's Content-Security-Policy lets nothing run or load from a data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['src/page/index.html', 'src/page/room.html'] },
  },
});
