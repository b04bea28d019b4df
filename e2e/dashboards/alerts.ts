import { writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { sendLikeAPlatform } from '@sluice/testing';
import { order, paced, type TestWebhook } from '../faults/webhooks.ts';
import { readPanels } from './panels.ts';
import { openStage, type Stage } from './stage.ts';
import type { RunningPrometheus } from './start-prometheus.ts';

// `npm run e2e alerts [file]` injects faults of the matrix (rows 3, 4, 8, 9, 10) under load, with a real Prometheus that
// evaluates the alert rules every second, and prints when the alert of each fault fires and clears. Takes 15 minutes.
const print = (line: string) => void process.stdout.write(`${line}\n`);

const SENT = ['acme', 'acme', 'acme', 'acme', 'acme', 'slow', 'slow', 'revoked'];
const PER_SECOND = 16;

function* ordersUntil(stopped: AbortSignal): Generator<TestWebhook> {
  for (let index = 0; !stopped.aborted; index++) yield order(SENT[index % SENT.length]);
}

interface Fault {
  readonly row: number;
  readonly fault: string;
  readonly alert: string;
}

/** Waits for the alert of an injected fault. Returns a function that waits until the alert clears after its end. */
async function watchAlert({ prometheus }: Stage, fault: Fault) {
  const fired = await waitForAlert(prometheus, fault.alert, true);
  print(`row ${fault.row}: ${fault.alert} fires ${fired.toFixed(0)} s after the start of the fault`);
  return async () => {
    const cleared = await waitForAlert(prometheus, fault.alert, false);
    print(`row ${fault.row}: ${fault.alert} clears ${cleared.toFixed(0)} s after the end of the fault`);
    return { ...fault, fired, cleared };
  };
}

async function injectFaults(stage: Stage) {
  const { redis, sandbox } = stage.pipeline;
  redis.signal('SIGKILL');
  const [killed] = await Promise.all([
    watchAlert(stage, { row: 3, fault: 'Redis killed, restarted after 8 s', alert: 'SluiceRedisTrouble' }),
    pause(8_000).then(() => redis.restart()),
  ]);
  const results = [await killed()];

  redis.signal('SIGSTOP');
  const frozen = await Promise.all([
    watchAlert(stage, { row: 4, fault: 'Redis frozen for 30 s', alert: 'SluiceRedisTrouble' }),
    pause(30_000),
  ]);
  redis.signal('SIGCONT');
  const clearing = [frozen[0]()];

  await sandbox.addFault({ kind: 'rate-limited', match: { botId: 'slow-bot' } });
  const limited = await watchAlert(stage, {
    row: 8,
    fault: '429 with Retry-After',
    alert: 'SluiceBotpressLimits',
  });
  await sandbox.clearFaults();
  clearing.push(limited());

  await sandbox.setBot('revoked-bot', { state: 'revoked' });
  await sandbox.addFault({ kind: 'status', status: 503 });
  const both = await Promise.all([
    watchAlert(stage, { row: 9, fault: '503 for all', alert: 'SluiceBotpressFailing' }),
    watchAlert(stage, { row: 10, fault: 'a token revoked (401)', alert: 'SluiceConnectionHeld' }),
  ]);
  await sandbox.clearFaults();
  await sandbox.setBot('revoked-bot', { state: 'active' });
  clearing.push(...both.map((cleared) => cleared()));
  return [...results, ...(await Promise.all(clearing))];
}

const keep = process.argv[2];
const stage = await openStage();
const stopped = new AbortController();
const begun = Date.now();
const sending = sendLikeAPlatform(paced(ordersUntil(stopped.signal), PER_SECOND), {
  url: ({ connection }) => stage.pipeline.webhookUrl(connection),
  concurrency: 16,
});
await pause(20_000);
const results = await injectFaults(stage);
stopped.abort();
await sending;
print('\n| Row | Fault | Alert | fires after | clears after |\n|---|---|---|---|---|');
for (const { row, fault, alert, fired, cleared } of results) {
  print(`| ${row} | ${fault} | ${alert} | ${fired.toFixed(0)} s | ${cleared.toFixed(0)} s |`);
}
if (keep) {
  await writeFile(keep, JSON.stringify(await readPanels(stage.prometheus, { from: begun, to: Date.now() })));
}
await stage.stop();

/** Milliseconds between two queries. Rules are evaluated every second. */
const EVERY = 500;

/** Milliseconds to wait for an alert: longer than the longest window, five minutes, and its `for`. */
const PATIENCE = 480_000;

/**
 * Waits until an alert fires or clears.
 *
 * @returns the duration in seconds
 * @throws Error on timeout
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
      throw new Error(`${alert} ${isFiring ? 'did not fire' : 'is still firing'}`);
    await pause(EVERY);
  }
}
