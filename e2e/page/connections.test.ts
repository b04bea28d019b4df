import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, signIn } from './browser.ts';
import { openPageStage, type PageStage, TOKENS } from './stage.ts';

describe.skipIf(!hasBrowser)('connections', () => {
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

  async function confirm(action: string, note: string): Promise<void> {
    await page.getByRole('button', { name: action }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Note for the audit log').fill(note);
    await dialog.locator('button[type=submit]').click();
  }

  test('a connection shows its setup steps, and the URL keeps them expanded', async () => {
    await acme().getByText('Setup and topics').click();
    await acme().getByText('/webhooks/acme').first().waitFor();
    await acme().getByText('orders/create', { exact: true }).first().waitFor();
    await expect.poll(() => page.url()).toContain('open=acme');
  });

  test('a test of a connection is signed, accepted and delivered', async () => {
    await confirm('Send test to acme', 'check the setup');
    await page.getByText(/Ingest responded with 200 \(accepted\)/).waitFor();
    await stage.pipeline.sandbox.waitFor({ distinct: 1 });
    await page.getByRole('link', { name: 'View delivery' }).click();
    await page.getByText('delivered', { exact: true }).first().waitFor();
    await page.goBack();
  });

  test('a paused connection keeps its deliveries until it is resumed', async () => {
    await confirm('Pause acme', 'bot migration');
    await acme().getByText('paused', { exact: true }).waitFor();
    await stage.sendOrders('acme', 3);
    await stage.sendOrders('berlin', 2);
    await stage.pipeline.sandbox.waitFor({ distinct: 3 });
    await acme()
      .getByText(/Paused by an operator.* 3 deliveries wait\./)
      .waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    const row = page.getByRole('row', { name: /^acme/ });
    await expect.poll(() => row.innerText()).toMatch(/paused\s.*\d (?:ms|s|min)\s+not draining/s);
    await page.getByRole('link', { name: 'Connections' }).click();
    await confirm('Resume acme', 'bot migration done');
    await acme().getByText('active', { exact: true }).waitFor();
    await stage.pipeline.sandbox.waitFor({ distinct: 6 });
    expect(wrong).toEqual([]);
  });
});
