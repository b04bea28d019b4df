import { buildApps, buildPage } from './build-apps.ts';

/** Vitest global setup of projects whose tests start apps. */
export async function setup(): Promise<void> {
  await Promise.all([buildApps(), buildPage()]);
}
