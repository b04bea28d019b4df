import { buildPage, seedDeadLetters, sendLikeAPlatform } from '@sluice/testing';
import { Redis } from 'ioredis';
import type { Locator, Page } from 'playwright-core';
import { invalidOrder, type TestWebhook } from '../faults/webhooks.ts';
import { signIn } from './browser.ts';
import { openPageStage, TOKENS } from './stage.ts';

/** `npm run e2e page-speed` measures the time until each page is usable, with 100,000 dead letters. */
const COUNT = 100_000;
const ROUNDS = 9;

/** The element of each page that marks it as usable. */
const PAGES: Readonly<Record<string, (page: Page) => Locator>> = {
  '/': (page) => page.getByRole('region', { name: /Ledger/ }).getByText('balanced'),
  '/dead-letters': (page) => page.getByRole('grid', { name: 'Dead letters' }).getByRole('link').first(),
  '/dead-letters?text=number': (page) =>
    page.getByRole('grid', { name: 'Dead letters' }).getByRole('link').first(),
  '/replays': (page) => page.getByRole('heading', { name: 'Replays' }),
  '/connections': (page) => page.getByRole('button', { name: 'Pause acme' }),
};

const print = (line: string) => void process.stdout.write(`${line}\n`);

await buildPage(print);
const stage = await openPageStage();
const redis = new Redis(stage.pipeline.redis.url);
try {
  const { accepted } = await sendLikeAPlatform([invalidOrder('acme')], {
    url: ({ connection }: TestWebhook) => stage.pipeline.webhookUrl(connection),
    concurrency: 1,
  });
  const [template = ''] = accepted;
  while ((await redis.zscore('{sluice}:deliveries:failed', template)) === null);
  const seeding = { prefix: '{sluice}', template, count: COUNT - 1, diedAt: Date.now() - 3_600_000 };
  await seedDeadLetters(redis, seeding);
  const { page } = await stage.browsing.open();
  await signIn(page, stage.console.url, TOKENS.olga);
  print(`${COUNT.toLocaleString('en')} dead letters; milliseconds from navigation to a usable page:`);
  for (const [path, usable] of Object.entries(PAGES)) {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      await page.goto(`${stage.console.url}${path}`, { waitUntil: 'commit' });
      await usable(page).waitFor();
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    const [least, middle, most] = [times[0], times[Math.floor(ROUNDS / 2)], times.at(-1)].map((time) =>
      Math.round(time ?? 0),
    );
    print(`${path.padEnd(28)} median ${middle}, ${least} to ${most}`);
  }
} finally {
  redis.disconnect();
  await stage.stop();
}
