import { defineConfig } from 'vitest/config';

/** Tests read the workspace's libraries from their sources, as its own tests do. */
export default defineConfig({
  ssr: { resolve: { conditions: ['@sluice/source'] } },
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', 'json'],
    outputFile: '.reports/test.json',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
