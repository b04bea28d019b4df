import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasBrowser, signIn } from './browser.ts';
import { openPageStage, type PageStage, TOKENS } from './stage.ts';

/** Texts that set `window.pwned` if a page interprets them. */
const HOSTILE: readonly string[] = [
  '<script>window.pwned=1</script>',
  '<img src=x onerror="window.pwned=1">',
  '"><svg onload=window.pwned=1>',
  "'-window.pwned=1-'",
  'javascript:window.pwned=1',
  '</textarea></pre></title><script>window.pwned=1</script>',
  '{{constructor.constructor("window.pwned=1")()}}',
  '<iframe srcdoc="<script>parent.pwned=1</script>">',
  '<a href="javascript:window.pwned=1" autofocus onfocus=window.pwned=1>x</a>',
  '<style>@import "http://127.0.0.1:9/x";</style>',
  '<math><mi xlink:href="data:x,<script>window.pwned=1</script>">',
  '\u202e<b>turned</b>\u2066',
  '__proto__',
];

const PAGES = ['/', '/dead-letters', '/replays', '/connections', '/audit', '/settings'];

describe.skipIf(!hasBrowser)('security in a browser', () => {
  let stage: PageStage;
  let page: Page;
  let wrong: readonly string[];

  beforeAll(async () => {
    stage = await openPageStage({ shops: ['acme', 'b'] });
    ({ page, wrong } = await stage.browsing.open());
  }, 120_000);

  afterAll(() => stage.stop());

  test('only the sign-in page is visible without a token, and an invalid token shows an error', async () => {
    await page.goto(stage.console.url);
    await page.getByLabel(/^Token/).fill('an-invalid-token');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('Invalid token.').waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
  });

  test('scripts cannot read the token', async () => {
    await signIn(page, stage.console.url, TOKENS.olga);
    const readable = await page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])',
    );
    expect(readable).not.toContain(TOKENS.olga);
    expect(JSON.parse(String(readable))[2]).toBe('');
    const [cookie] = await stage.browsing.context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(cookie?.value).not.toContain(TOKENS.olga);
  });

  test('foreign text in payloads, headers, ids and errors is shown as text', async () => {
    await stage.pipeline.sandbox.addFault({
      kind: 'error',
      error: 'InvalidPayload',
      message: HOSTILE.join(' '),
    });
    const ledger = await stage.sendOrders('acme', 3, (order) => ({
      ...order,
      note: HOSTILE.join('\n'),
      tags: HOSTILE[1],
      note_attributes: HOSTILE.map((text) => ({ name: text, value: text })),
      ...Object.fromEntries(HOSTILE.slice(0, -1).map((text) => [text, text])),
    }));
    await expect.poll(() => countOfDead(stage), { timeout: 30_000 }).toBe(3);
    const [id = ''] = ledger.accepted;
    for (const path of [
      ...PAGES,
      `/deliveries/${id}`,
      `/dead-letters?text=${encodeURIComponent(HOSTILE[1] ?? '')}`,
    ]) {
      await page.goto(`${stage.console.url}${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      expect(await page.evaluate('window.pwned'), path).toBeUndefined();
      expect(await page.locator('main script, main iframe, main img, main style').count(), path).toBe(0);
    }
    await page.goto(`${stage.console.url}/deliveries/${id}`);
    await page.getByText('<script>window.pwned=1</script>').first().waitFor();
    expect(wrong).toEqual([]);
  });

  test('no page sends a request to another host', async () => {
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).host));
    for (const path of PAGES) {
      await page.goto(`${stage.console.url}${path}`);
      await page.waitForLoadState('networkidle');
    }
    expect([...asked]).toEqual([new URL(stage.console.url).host]);
  });

  test('the console works while the browser is offline', async () => {
    await page.goto(stage.console.url);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.evaluate("window.dispatchEvent(new Event('offline'))");
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('cell', { name: 'sign-in', exact: true }).first().waitFor();
    await page.evaluate("window.dispatchEvent(new Event('online'))");
  });

  test('other sites cannot frame the console or send requests for an operator', async () => {
    const answer = await fetch(stage.console.url);
    expect(answer.headers.get('x-frame-options')).toBe('DENY');
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    const { page: foreign } = await stage.browsing.open();
    // Another name of this machine is another site: the browser sends no cookies, and the console rejects the request.
    await foreign.goto(`${stage.console.url.replace('127.0.0.1', 'localhost')}/`);
    const url = `${stage.console.url}/api/connections/acme/pause`;
    const status = await foreign.evaluate(
      `fetch(${JSON.stringify(url)}, { method: 'POST', credentials: 'include', mode: 'no-cors', headers: { 'content-type': 'text/plain' }, body: '{"note":"x"}' }).then((a) => a.type, () => 'refused')`,
    );
    expect(['opaque', 'refused']).toContain(status);
    await foreign.close();
    await page.goto(`${stage.console.url}/audit`);
    await page.getByRole('heading', { name: 'Audit' }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.getByRole('cell', { name: 'pause', exact: true }).count()).toBe(0);
  });

  test('viewers do not see the actions of operators', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel(/^Token/).waitFor();
    await signIn(page, stage.console.url, TOKENS.vera);
    await page.goto(`${stage.console.url}/connections`);
    await page.getByRole('heading', { name: /acme/ }).waitFor();
    expect(await page.getByRole('button', { name: /Pause|test/ }).count()).toBe(0);
  });

  test('sign-out ends the session on the server', async () => {
    const [cookie] = await stage.browsing.context.cookies();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel(/^Token/).waitFor();
    const answer = await fetch(`${stage.console.url}/api/me`, {
      headers: { cookie: `${cookie?.name}=${cookie?.value}` },
    });
    expect(answer.status).toBe(401);
  });
});

test.runIf(!hasBrowser)('skips the page tests without /usr/bin/chromium (apt-get install chromium)', () => {
  process.stdout.write('skipped: the page tests require /usr/bin/chromium\n');
});

async function countOfDead(stage: PageStage): Promise<number> {
  const answer = await fetch(`${stage.console.url}/api/dead-letters/summary`, {
    headers: { authorization: `Bearer ${TOKENS.vera}` },
  });
  return ((await answer.json()) as { dead: number }).dead;
}
