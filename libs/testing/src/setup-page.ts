import { fileURLToPath } from 'node:url';
import { buildPage } from './build-page.ts';

/** What Vitest does before the tests of the whole system: those of the page run side by side, and must not build it beneath each other. */
export function setup(): Promise<void> {
  return buildPage(fileURLToPath(new URL('../../..', import.meta.url)), () => {});
}
