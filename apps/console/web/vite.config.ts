import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page of the console, built to where its server looks for it. */
export default defineConfig({
  root: here('.'),
  plugins: [react()],
  // Libraries are read from their sources, so that the page needs no build of them.
  resolve: { conditions: ['@sluice/source', ...defaultClientConditions] },
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // Everything comes from files of its own: the policy of the page allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
