import { defineConfig } from 'vite';

/** Both pages as static files with names that change with their content. Everything is addressed from where the page is, so any BASE_PATH does. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: {
    target: 'es2022',
    emptyOutDir: true,
    // Nothing stands in the pages themselves: their policy allows what this service serves, and no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // What draws charts is large, and loaded when the first one is wanted.
    chunkSizeWarningLimit: 700,
    rolldownOptions: { input: { index: 'web/index.html', monitoring: 'web/monitoring.html' } },
  },
});
