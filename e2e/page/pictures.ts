import { mkdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildPage, sendLikeAPlatform } from '@sluice/testing';
import type { Page } from 'playwright-core';
import { invalidOrder, type TestWebhook } from '../faults/webhooks.ts';
import { signIn } from './browser.ts';
import { openPageStage, type PageStage, TOKENS } from './stage.ts';

/** `npm run e2e page-pictures` takes the screenshots in docs/console: each page after some failures, light and dark. */
const FOLDER = fileURLToPath(new URL('../../docs/console/', import.meta.url));

await buildPage((line) => process.stdout.write(`${line}\n`));
const stage = await openPageStage({ shops: ['acme', 'berlin', 'copenhagen'] });
try {
  await mkdir(FOLDER, { recursive: true });
  const { page } = await stage.browsing.open();
  await page.goto(stage.console.url);
  await takeScreenshots(page, 'sign-in');
  await signIn(page, stage.console.url, TOKENS.olga);
  const delivery = await simulateDay(stage);
  for (const [name, path] of [
    ['overview', '/'],
    ['dead-letters', '/dead-letters'],
    ['delivery', `/deliveries/${delivery}`],
    ['replays', '/replays'],
    ['connections', '/connections?open=acme'],
    ['audit', '/audit'],
    ['settings', '/settings'],
  ] as const) {
    await page.goto(`${stage.console.url}${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    await takeScreenshots(page, name);
  }
} finally {
  await stage.stop();
}

async function takeScreenshots(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${FOLDER}${name}-${colorScheme}.png` });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  process.stdout.write(`${name}\n`);
}

/** Simulates three shops: one works, one has invalid orders, one has a revoked token. Returns the id of a dead letter. */
async function simulateDay({ pipeline, sendOrders, console: operators }: PageStage): Promise<string> {
  const { sandbox } = pipeline;
  const message = 'payload.total_price: expected number, received string';
  await sandbox.addFault({
    kind: 'error',
    error: 'InvalidPayload',
    message,
    match: { botId: 'bot-of-berlin' },
  });
  await sandbox.addFault({ kind: 'status', status: 503, times: 5, match: { botId: 'bot-of-acme' } });
  await sandbox.setBot('bot-of-copenhagen', { state: 'revoked' });
  const [dead] = await Promise.all([
    sendOrders('berlin', 34),
    sendOrders('acme', 180),
    sendOrders('copenhagen', 12),
    sendInvalid(pipeline, 21),
  ]);
  await sandbox.waitFor({ distinct: 170 });
  // Not all orders fail: their rejections open the circuit of the connection.
  await waitForDead(operators.url, 30);
  await sandbox.clearFaults();
  await requestApi(operators.url, '/replays', {
    filter: { reason: 'invalid_input' },
    note: 'fixed by the shop',
  });
  const [id = ''] = dead.accepted;
  return id;
}

async function sendInvalid({ webhookUrl }: PageStage['pipeline'], count: number): Promise<void> {
  const orders = Array.from({ length: count }, () => invalidOrder('acme'));
  await sendLikeAPlatform(orders, {
    url: ({ connection }: TestWebhook) => webhookUrl(connection),
    concurrency: 4,
  });
}

async function waitForDead(url: string, count: number): Promise<void> {
  for (;;) {
    const { dead } = (await requestApi(url, '/dead-letters/summary')) as { dead: number };
    if (dead >= count) return;
    await pause(200);
  }
}

async function requestApi(url: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${url}/api${path}`, {
    headers: { authorization: `Bearer ${TOKENS.olga}`, 'content-type': 'application/json' },
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
