import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const rooms = ['apps', 'libs'].flatMap((parent) =>
  readdirSync(here(parent))
    .filter((name) => existsSync(here(`${parent}/${name}/src`)))
    .map((name) => ({ name, root: here(`${parent}/${name}`) })),
);

/** Rooms whose tests start apps. The apps are built once before, so that concurrent tests do not build over each other. */
const STARTING = new Set(['botpress', 'cli', 'ingest', 'e2e']);

/** Each room is a Vitest project of the same name. Tests of the whole system are the project `e2e`. */
export default defineConfig({
  test: {
    reporters: ['default', 'json'],
    projects: [...rooms, { name: 'e2e', root: here('e2e') }].map(({ name, root }) => ({
      root,
      // Libraries resolve to their sources, so tests need no build. Vitest passes these conditions to Node as well: with
      // `import` among them, CommonJS packages would get ES modules.
      ssr: { resolve: { conditions: ['@sluice/source'] } },
      test: {
        name,
        include: ['**/*.test.ts'],
        exclude: ['**/node_modules/**', '**/dist/**'],
        environment: 'node',
        // The files of a room share one process: loading their imports per file took a third of the time.
        isolate: false,
        globalSetup: STARTING.has(name) ? [here('libs/testing/src/set-up-apps.ts')] : [],
        testTimeout: name === 'e2e' ? 120_000 : 20_000,
        hookTimeout: 60_000,
      },
    })),
  },
});
