import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sendLikeAPlatform } from '@sluice/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openShop, order, type Shop } from '../story/shop.ts';
import { hasBrowser, signIn } from './browser.ts';
import { openPageStage, type PageStage, TOKENS } from './stage.ts';

/** One in three has no coupon, which the mapper does not handle. */
const ORDERS = 600;
const DEAD = 200;

// The tests run in order. Each continues where the previous one ended.
describe.skipIf(!hasBrowser)('an incident with 200 failed orders', () => {
  let folder: string;
  let shop: Shop;
  let stage: PageStage;
  let page: Page;
  let wrong: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-page-story-'));
    shop = await openShop(folder);
    stage = await openPageStage({ connectionsPath: shop.connectionsPath });
    await sendLikeAPlatform([...Array(ORDERS).keys()].map(order), {
      url: () => stage.pipeline.webhookUrl('shop'),
      concurrency: 20,
    });
    await stage.pipeline.sandbox.waitFor({ distinct: ORDERS - DEAD });
    ({ page, wrong } = await stage.browsing.open());
    page.setDefaultTimeout(15_000);
  }, 120_000);

  afterAll(async () => {
    await stage.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('the overview shows an alert that links to the dead letters', async () => {
    await signIn(page, stage.console.url, TOKENS.olga);
    const alerts = page.getByRole('region', { name: 'Alerts' });
    await alerts.getByText(/200 deliveries failed within the last hour/).waitFor();
    await alerts.getByRole('link', { name: 'View' }).first().click();
    await page.getByRole('heading', { name: 'Dead letters', level: 1 }).waitFor();
  });

  test('the dead letters are one group with its cause, and the URL contains the filter', async () => {
    await page.getByRole('heading', { name: '200 dead letters in 1 failure group' }).waitFor();
    await page.getByText('mapper of orderPlaced: TypeError').first().waitFor();
    await page.goto(`${stage.console.url}/connections`);
    await page.getByText(/Last failure .*: mapper error, mapper of orderPlaced: TypeError/).waitFor();
    await page.goto(`${stage.console.url}/dead-letters`);
    await page.getByRole('button', { name: 'Show 200 dead letters' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('group')).toMatch(/^[0-9a-f]{16}$/);
    const address = page.url();
    await page.goto(stage.console.url);
    await page.goto(address);
    await page.getByRole('list', { name: 'Filters' }).getByText(/group/i).first().waitFor();
  });

  test('the keyboard alone selects rows, opens the next page and opens a delivery', async () => {
    const grid = page.getByRole('grid', { name: 'Dead letters' });
    await grid.getByRole('row').nth(1).focus();
    for (const key of ['j', 'x', 'j', 'x']) await page.keyboard.press(key);
    await page.getByRole('status').getByText('2 selected').waitFor();
    const first = await grid.getByRole('link').first().innerText();
    await page.getByRole('button', { name: 'Next' }).click();
    await expect.poll(() => grid.getByRole('link').first().innerText()).not.toBe(first);
    await page.goBack();
    await expect.poll(() => grid.getByRole('link').first().innerText()).toBe(first);
    await grid.getByRole('row').nth(1).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toContain('/deliveries/dlv_');
  });

  test('an edit is validated while typing, reviewed and replayed', async () => {
    const id = page.url().split('/').at(-1) ?? '';
    await page.getByRole('button', { name: 'Edit and replay' }).click();
    await page.getByLabel('Note for the audit log').fill('coupon confirmed by the customer');
    await page.getByRole('button', { name: 'Reveal and continue' }).click();
    const editor = page.getByRole('textbox', { name: 'Body' });
    const text = await editor.inputValue();
    expect(text).toMatch(/customer-\d+@example\.com/);
    await editor.fill(text.slice(0, -1));
    await page.getByText(/Line \d+, column \d+: /).waitFor();
    await editor.fill(
      text.replace(/"order_id": \d+/, '"order_id": "none"').replace('"placed_at"', '"placed"'),
    );
    await page.getByText('rejected', { exact: true }).waitFor();
    await expect
      .poll(() => page.getByRole('dialog').getByRole('listitem').getByRole('code').allInnerTexts())
      .toEqual(['order_id', 'placed_at']);
    await editor.fill(text.replace('2026-11-25', '2026-11-26'));
    await page.getByText(/^The edited delivery would fail again \(mapper_/).waitFor();
    await editor.fill(text.replace('"coupon": null', '"coupon": "spring"'));
    await page.getByText('The current mapper accepts the body.').waitFor();
    await page.getByRole('button', { name: 'Review changes' }).click();
    await page.getByText('"coupon": "spring"').waitFor();
    await page.getByLabel('Note for the audit log').fill('coupon confirmed by the customer');
    await page.getByRole('dialog').getByRole('button', { name: 'Edit and replay' }).click();
    await expect.poll(() => page.url()).toContain('/replays/rpl_');
    await stage.pipeline.sandbox.waitFor({ distinct: ORDERS - DEAD + 1 });
    await page.goto(`${stage.console.url}/deliveries/${id}`);
    await page.getByText('delivered', { exact: true }).first().waitFor();
    await page.getByText('coupon confirmed by the customer').first().waitFor();
  });

  test('a replay before the fix fails, and its failures are found by the replay', async () => {
    await page.goto(`${stage.console.url}/dead-letters`);
    const grid = page.getByRole('grid', { name: 'Dead letters' });
    await grid.getByRole('row').nth(1).focus();
    for (const key of ['x', 'j', 'x']) await page.keyboard.press(key);
    await page.getByRole('button', { name: 'Replay', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Replay dead letters' });
    await dialog.getByLabel('Note for the audit log').fill('too early');
    await dialog.getByRole('button', { name: 'Replay 2 dead letters' }).click();
    await page.getByText('done', { exact: true }).first().waitFor();
    await page.getByRole('link', { name: 'View failures' }).click();
    await page
      .getByRole('list', { name: 'Filters' })
      .getByText(/^replay rpl_/)
      .waitFor();
    // Includes the header row.
    await expect.poll(() => grid.getByRole('row').count()).toBe(3);
  });

  test('after the fix the group is replayed and the ledger balances', async () => {
    await shop.fix();
    await stage.pipeline.restart('worker');
    await page.goto(`${stage.console.url}/dead-letters`);
    await page.getByRole('button', { name: 'Replay 199 dead letters' }).click();
    const dialog = page.getByRole('dialog', { name: 'Replay dead letters' });
    await dialog.getByLabel('Note for the audit log').fill('the mapper is fixed');
    await dialog.getByRole('button', { name: 'Replay 199 dead letters' }).click();
    await expect.poll(() => page.url()).toContain('/replays/rpl_');
    await page.getByText('100%').waitFor();
    await page.getByText('done', { exact: true }).first().waitFor();
    await stage.pipeline.sandbox.waitFor({ distinct: ORDERS });
    expect(await stage.pipeline.sandbox.ledger()).toMatchObject({ doubled: {}, distinct: ORDERS });
    await page.goto(stage.console.url);
    const ledger = page.getByRole('region', { name: /Ledger/ });
    await ledger.getByText('balanced').waitFor();
    await expect.poll(() => ledger.innerText()).toMatch(/600 accepted = 600 delivered\n/);
  });

  test('the audit log contains user and note of each action', async () => {
    await page.getByRole('link', { name: 'Audit' }).click();
    for (const why of ['the mapper is fixed', 'coupon confirmed by the customer']) {
      await page.getByRole('cell', { name: why }).first().waitFor();
    }
    expect(await page.getByRole('cell', { name: 'olga' }).count()).toBeGreaterThan(3);
    expect(wrong).toEqual([]);
  });

  test('operators can open the raw queue', async () => {
    await page.getByRole('link', { name: 'Raw queue' }).click();
    await page.getByText('{sluice} deliveries').first().waitFor();
  });
});
