import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, signIn } from './browser.ts';
import { openPageStage, type PageStage, TOKENS } from './stage.ts';

describe.skipIf(!hasBrowser)('a connection', () => {
  let stage: PageStage;
  let page: Page;
  let wrong: readonly string[];

  beforeAll(async () => {
    stage = await openPageStage({ shops: ['acme', 'berlin'] });
    ({ page, wrong } = await stage.browsing.open());
    page.setDefaultTimeout(15_000);
    await signIn(page, stage.console.url, TOKENS.olga);
    await page.getByRole('link', { name: 'Connections' }).click();
  }, 120_000);

  afterAll(() => stage.stop());

  const acme = () => page.getByRole('region', { name: /^acme/ });

  async function confirm(action: string, why: string): Promise<void> {
    await page.getByRole('button', { name: action }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Why, for the audit log').fill(why);
    await dialog.locator('button[type=submit]').click();
  }

  test('tells how its platform is set up, and keeps that open in the address', async () => {
    await acme()
      .getByText(/how to set shopify up/)
      .click();
    await acme().getByText('/webhooks/acme').first().waitFor();
    await acme().getByText('orders/create', { exact: true }).first().waitFor();
    await expect.poll(() => page.url()).toContain('open=acme');
  });

  test('gets a test, which is signed, taken, and becomes an event', async () => {
    await confirm('Send acme a test', 'is it well?');
    await page.getByText(/Ingest answered 200, accepted/).waitFor();
    await stage.pipeline.sandbox.waitFor({ distinct: 1 });
    await page.getByRole('link', { name: 'its delivery' }).click();
    await page.getByText('delivered', { exact: true }).first().waitFor();
    await page.goBack();
  });

  test('is held and released, and what came meanwhile waits', async () => {
    await confirm('Hold acme', 'their bot is moved');
    await acme().getByText('held', { exact: true }).waitFor();
    await stage.sendOrders('acme', 3);
    await stage.sendOrders('berlin', 2);
    await stage.pipeline.sandbox.waitFor({ distinct: 3 });
    await acme()
      .getByText(/An operator holds it.* 3 wait\./)
      .waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    const row = page.getByRole('row', { name: /^acme/ });
    await expect.poll(() => row.innerText()).toMatch(/held\s.*\d (?:ms|s|min)\s+not as things are/s);
    await page.getByRole('link', { name: 'Connections' }).click();
    await confirm('Release acme', 'it is moved');
    await acme().getByText('open', { exact: true }).waitFor();
    await stage.pipeline.sandbox.waitFor({ distinct: 6 });
    expect(wrong).toEqual([]);
  });
});
