import { buildApps, buildPage } from './build-apps.ts';

/** What Vitest does before tests that start apps. */
export async function setup(): Promise<void> {
  await Promise.all([buildApps(), buildPage()]);
}
