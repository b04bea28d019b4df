import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningApp, type RunningPipeline, startPipeline } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { codeSpans, commandBlocks, type Page, ROOT, readPages } from './docs/pages.ts';
import { openShell, type Shell } from './docs/shell.ts';
import { orders, signed } from './shopify-orders.ts';
import { startConsole } from './start-console.ts';

/** The changelog names commands that no longer exist. */
const pages = readPages().filter(({ path }) => path !== 'CHANGELOG.md');
const pagesWithCommands = pages.filter((page) => commandBlocks(page).length > 0);

let pipeline: RunningPipeline;
let operators: RunningApp;
let shell: Shell;

beforeAll(async () => {
  pipeline = await startPipeline();
  operators = await startConsole({ ...pipeline.env, SLUICE_INGEST_URL: pipeline.ingest.url });
  shell = await openShell({ ...pipeline.env, DOCS_INGEST_URL: pipeline.ingest.url });
  await sendOrder();
  await provideDeadLetter();
});

afterAll(async () => {
  await shell?.remove();
  await operators?.stop();
  await pipeline?.stop();
});

/** Sends one order, so that metrics of attempts exist. */
async function sendOrder(): Promise<void> {
  const [order] = orders(1);
  await fetch(pipeline.webhookUrl(), { method: 'POST', ...order });
  await pipeline.sandbox.waitFor({ distinct: 1 });
}

interface DeadLetter {
  readonly id: string;
  readonly group: string;
}

async function newestDeadLetter(): Promise<DeadLetter | undefined> {
  const response = await fetch(`${operators.url}/api/dead-letters/groups`);
  const { groups } = (await response.json()) as { groups: { group: string; example: string }[] };
  return groups[0] && { id: groups[0].example, group: groups[0].group };
}

/** Returns a dead letter for commands that need one. Sends an order with an invalid id if there is none. */
async function provideDeadLetter(): Promise<DeadLetter> {
  const existing = await newestDeadLetter();
  if (existing) return existing;
  const order = signed('{"id":"1042"}', {
    'x-shopify-topic': 'orders/create',
    'x-shopify-webhook-id': `docs-${Date.now()}`,
  });
  await fetch(pipeline.webhookUrl(), { method: 'POST', ...order });
  return vi.waitUntil(newestDeadLetter, { timeout: 10_000 });
}

/** Replaces default ports, ids and names of sample data with those of the pipeline. */
async function localize(script: string): Promise<string> {
  const needsDeadLetter = /dlv_|<id>|<group>|--group|dead-letters/.test(script);
  const { id, group } = needsDeadLetter ? await provideDeadLetter() : { id: '', group: '' };
  return script
    .replaceAll('http://127.0.0.1:3000', pipeline.ingest.url)
    .replaceAll('http://127.0.0.1:3001', operators.url)
    .replaceAll('http://127.0.0.1:3002', pipeline.sandbox.url)
    .replaceAll('http://127.0.0.1:3003', pipeline.worker.url)
    .replaceAll('http://127.0.0.1:3004', String(pipeline.ingest.ready.metricsUrl))
    .replaceAll('redis://127.0.0.1:6390', pipeline.redis.url)
    .replaceAll(/dlv_[0-9a-f-]{36}|<id>/g, id)
    .replaceAll(/(?<=--group )[0-9a-f]{16}|<group>/g, group)
    .replaceAll('connection="acme"', 'connection="demo-shopify"');
}

describe('commands in blocks', () => {
  test.each(pagesWithCommands.map((page) => [page.path, page] as const))('of %s succeed', async (_, page) => {
    for (const { script, exitCode } of commandBlocks(page)) {
      const result = await shell.run(await localize(script));
      expect(result.exitCode, `${script}\n${result.output}`).toBe(exitCode);
    }
  });
});

/** Splits `sluice dead-letters list --limit 20` into its command and the names of its options. */
function parseSluice(command: string): { readonly words: string[]; readonly options: string[] } {
  const tokens = command
    .replaceAll(/'[^']*'/g, '…')
    .split(/\s+/)
    .slice(1);
  const end = tokens.findIndex((token) => !/^[a-z]+(-[a-z]+)*$/.test(token));
  const words = (end < 0 ? tokens : tokens.slice(0, end)).slice(0, 2);
  return { words, options: tokens.filter((token) => /^--[a-z]/.test(token)) };
}

const sluiceSpans = [
  ...new Set(
    pages
      .flatMap(codeSpans)
      .map((code) => code.replace(/^npm run (--silent )?sluice -- /, 'sluice '))
      .filter((code) => /^sluice [a-z]/.test(code)),
  ),
];

test('commands in the text exist with their options', async () => {
  const helps = new Map<string, Promise<string>>();
  const help = (words: string) => {
    const known = helps.get(words) ?? shell.run(`sluice ${words} --help`).then(({ output }) => output);
    helps.set(words, known);
    return known;
  };
  const problems: string[] = [];
  for (const command of sluiceSpans) {
    const { words, options } = parseSluice(command);
    const [whole, first] = await Promise.all([help(words.join(' ')), help(words[0] ?? '')]);
    const isGroup = first.includes('\nCommands:');
    const usage = isGroup ? `Usage: sluice ${words.join(' ')} ` : `Usage: sluice ${words[0]} `;
    const text = isGroup ? whole : first;
    if (!text.startsWith(usage)) problems.push(`${command}: unknown command`);
    else problems.push(...options.filter((option) => !text.includes(option)).map((o) => `${command}: ${o}`));
  }
  expect(problems).toEqual([]);
});

const npmScripts = (file: string): Record<string, string> =>
  JSON.parse(readFileSync(join(ROOT, file), 'utf8')).scripts ?? {};

/** Names of benchmarks or e2e programs: the keys of the table in a `main.ts`. */
const programs = (file: string) =>
  new Set(
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^ {2}'?([\w-]+)'?: /gm)].map(([, name]) => name),
  );

function checkNpm(page: Page, command: string): string[] {
  const [, script = '', workspace, argument] =
    /^npm run (?:--silent )?([\w:-]+)(?: -w (\S+))?(?: (?:-- )?([a-z][\w-]*))?/.exec(command) ?? [];
  const problem = `${page.path}: ${command}`;
  if (!(script in npmScripts(workspace ? `${workspace}/package.json` : 'package.json'))) return [problem];
  if (argument && (script === 'bench' || script === 'e2e')) {
    return programs(`${script}/main.ts`).has(argument) ? [] : [problem];
  }
  return [];
}

test('npm scripts in the text exist, with their programs', () => {
  const problems = pages.flatMap((page) =>
    codeSpans(page)
      .filter((code) => code.startsWith('npm run '))
      .flatMap((command) => checkNpm(page, command)),
  );
  expect(problems).toEqual([]);
});
