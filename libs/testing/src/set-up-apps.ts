import { buildApps } from './build-apps.ts';
import { buildPage } from './build-page.ts';

/** What Vitest does before tests that start apps. */
export async function setup(): Promise<void> {
  await Promise.all([buildApps(), buildPage()]);
}
