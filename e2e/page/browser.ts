import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** Path on Debian. */
const CHROMIUM = '/usr/bin/chromium';

/** Disables requests to other hosts and the GPU. */
const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

/** Whether Chromium is installed. */
export const hasBrowser = existsSync(CHROMIUM);

export interface Browsing {
  readonly context: BrowserContext;
  /** Opens a page and collects its errors. */
  open(): Promise<{ readonly page: Page; readonly wrong: readonly string[] }>;
  close(): Promise<void>;
}

export interface BrowserOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** Starts Chromium with a temporary profile. */
export async function openBrowser({
  colorScheme = 'light',
  viewport = { width: 1_280, height: 900 },
}: BrowserOptions = {}): Promise<Browsing> {
  const profile = await mkdtemp(join(tmpdir(), 'sluice-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: ARGUMENTS,
    colorScheme,
    viewport,
  });
  return {
    context,
    async open() {
      const page = await context.newPage();
      const wrong: string[] = [];
      page.on('pageerror', (error) => wrong.push(String(error)));
      // Violations of the content security policy and script errors. The page itself shows rejected requests.
      page.on('console', (message) => {
        const text = message.text();
        if (message.type() === 'error' && !text.startsWith('Failed to load resource')) wrong.push(text);
      });
      return { page, wrong };
    },
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** Signs in with a token on the sign-in page. */
export async function signIn(page: Page, url: string, token: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel(/^Token/).fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}
