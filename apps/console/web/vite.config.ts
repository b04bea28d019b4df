import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Builds the page of the console to the folder that the server serves. */
export default defineConfig({
  root: here('.'),
  plugins: [react()],
  // Libraries are read from their sources, so that the page needs no build of them.
  resolve: { conditions: ['@sluice/source', ...defaultClientConditions] },
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // Separate files: the content security policy forbids inline data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
