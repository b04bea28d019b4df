import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, signIn } from './browser.ts';
import { openPageStage, type PageStage, TOKENS } from './stage.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** A violation as reported by axe. */
interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** Returns the violations of WCAG 2.2 AA that axe finds. */
async function findViolations(page: Page): Promise<string[]> {
  // Evaluation by the debugger is exempt from the content security policy.
  await page.evaluate(await readFile(AXE, 'utf8'));
  const violations = (await page.evaluate(`axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }).then(({ violations }) => violations)`)) as readonly Violation[];
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ''}`),
  );
}

/** Maximum size of the compressed scripts of the first view, in bytes. */
const LIMIT = 150_000;

describe.skipIf(!hasBrowser)('accessibility', () => {
  let stage: PageStage;
  let delivery: string;

  beforeAll(async () => {
    stage = await openPageStage({ shops: ['acme', 'b'] });
    await stage.pipeline.sandbox.addFault({ kind: 'error', error: 'InvalidPayload' });
    const ledger = await stage.sendOrders('acme', 12);
    [delivery = ''] = ledger.accepted;
    await stage.pipeline.sandbox.waitFor({ calls: 12 });
  }, 120_000);

  afterAll(() => stage.stop());

  test.each(['light', 'dark'] as const)(
    'axe finds no violations on any page in %s mode',
    async (colorScheme) => {
      const { page } = await stage.browsing.open();
      await page.emulateMedia({ colorScheme });
      await page.goto(stage.console.url);
      if (await page.getByLabel(/^Token/).isVisible()) expect(await findViolations(page)).toEqual([]);
      await signInOnce(page);
      const pages = ['/', '/dead-letters', `/deliveries/${delivery}`, '/replays', '/connections?open=acme'];
      for (const path of [...pages, '/audit', '/settings', '/nowhere']) {
        await page.goto(`${stage.console.url}${path}`);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.waitForLoadState('networkidle');
        expect(await findViolations(page), path).toEqual([]);
      }
      await page.close();
    },
  );

  test('pages fit a width of 400 px', async () => {
    const { page } = await stage.browsing.open();
    await page.setViewportSize({ width: 400, height: 800 });
    for (const path of ['/', '/dead-letters', `/deliveries/${delivery}`, '/connections']) {
      await page.goto(`${stage.console.url}${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(400);
    }
    await page.close();
  });

  test('the first view loads less than 150 kB of script', async () => {
    const { page } = await stage.browsing.open();
    const scripts: Promise<Buffer>[] = [];
    page.on('response', (answer) => {
      if (answer.request().resourceType() === 'script') scripts.push(answer.body());
    });
    await page.goto(stage.console.url);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.waitForLoadState('networkidle');
    const bodies = await Promise.all(scripts);
    const gzip = bodies.reduce((sum, body) => sum + gzipSync(body).length, 0);
    const brotli = bodies.reduce((sum, body) => sum + brotliCompressSync(body).length, 0);
    process.stdout.write(`page: ${bodies.length} scripts, gzip ${gzip} bytes, brotli ${brotli} bytes\n`);
    expect(bodies.length).toBeGreaterThan(1);
    expect(gzip).toBeLessThan(LIMIT);
    await page.close();
  });

  async function signInOnce(page: Parameters<typeof signIn>[0]): Promise<void> {
    await page.goto(stage.console.url);
    const field = page.getByLabel(/^Token/);
    const nav = page.getByRole('navigation', { name: 'Pages' });
    await field.or(nav).first().waitFor();
    if (await field.isVisible()) await signIn(page, stage.console.url, TOKENS.olga);
  }
});
