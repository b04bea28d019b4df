import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** Where Debian puts it. */
const CHROMIUM = '/usr/bin/chromium';

/** Nothing that asks other hosts, and no need of a graphics card. */
const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

/** Whether there is a browser to look at pages with. */
export const hasBrowser = existsSync(CHROMIUM);

export interface Browsing {
  readonly context: BrowserContext;
  /** A new page, which writes down what goes wrong in it. */
  open(): Promise<{ readonly page: Page; readonly wrong: readonly string[] }>;
  close(): Promise<void>;
}

export interface BrowserOptions {
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** Starts Chromium with a profile of its own. */
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
      // A policy that is broken, a script that fails; not what the API refused, which the page tells itself.
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

/** Signs in as somebody would who comes to the console for the first time. */
export async function signIn(page: Page, url: string, token: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel(/^Token/).fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Pages' }).waitFor();
}
