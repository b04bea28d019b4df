import { setTimeout as pause } from 'node:timers/promises';
import type { RunningPrometheus } from './start-prometheus.ts';

/** Milliseconds between two looks; rules are evaluated every second. */
const EVERY = 500;

/** How long an alert is waited for. Longer than the longest window that decides here, of five minutes, and its `for`. */
const PATIENCE = 480_000;

/**
 * Waits until an alert fires, or does not any more.
 *
 * @returns seconds that it took
 * @throws an Error when that does not come about
 */
export async function waitForAlert(
  { query }: Pick<RunningPrometheus, 'query'>,
  alert: string,
  isFiring: boolean,
): Promise<number> {
  const begun = Date.now();
  for (;;) {
    const found = await query(`ALERTS{alertname="${alert}",alertstate="firing"}`);
    if (found.length > 0 === isFiring) return (Date.now() - begun) / 1_000;
    if (Date.now() - begun > PATIENCE)
      throw new Error(`${alert} ${isFiring ? 'did not fire' : 'fires still'}`);
    await pause(EVERY);
  }
}
