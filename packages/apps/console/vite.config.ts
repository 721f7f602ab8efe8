/** Build configuration of the console: one page; each screen except the playground is a separate file, loaded when it is opened. */

import { join } from 'node:path'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  resolve: {
    conditions: ['@hadal/source', 'module', 'browser', 'development|production'],
    // Micromark's own for browsers reads names of characters as HTML, which the page's policy forbids.
    alias: {
      'decode-named-character-reference': join(
        import.meta.dirname,
        'src/pages/playground/messages/markdown/named-characters.ts',
      ),
    },
  },
  build: {
    outDir: 'dist/app',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  // `npx vite packages/apps/console` while `hadal serve` runs: the page reloads as it is written.
  server: {
    proxy: { '^/(v1|hadal|metrics|ready|health|decisions|models|tokenize)': 'http://127.0.0.1:8080' },
  },
})
