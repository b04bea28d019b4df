import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const rooms = ['apps', 'libs'].flatMap((parent) =>
  readdirSync(here(parent))
    .filter((name) => existsSync(here(`${parent}/${name}/src`)))
    .map((name) => ({ name, root: here(`${parent}/${name}`) })),
);

/** Rooms whose tests start apps: they are built once before, and not by tests side by side beneath each other. */
const STARTING = new Set(['botpress', 'cli', 'ingest', 'e2e']);

/** Each room is a Vitest project of the same name; tests of the whole system are the project `e2e`. */
export default defineConfig({
  test: {
    reporters: ['default', 'json'],
    projects: [...rooms, { name: 'e2e', root: here('e2e') }].map(({ name, root }) => ({
      root,
      // Libraries are read from their sources, so tests need no build first. Vitest hands these conditions to
      // Node as well: with `import` among them, CommonJS packages would be given ES modules.
      ssr: { resolve: { conditions: ['@sluice/source'] } },
      test: {
        name,
        include: ['**/*.test.ts'],
        exclude: ['**/node_modules/**', '**/dist/**'],
        environment: 'node',
        // The files of a room take turns in one process: loading what they import anew for each took a third of the time.
        isolate: false,
        globalSetup: STARTING.has(name) ? [here('libs/testing/src/set-up-apps.ts')] : [],
        testTimeout: name === 'e2e' ? 120_000 : 20_000,
        hookTimeout: 60_000,
      },
    })),
  },
});
