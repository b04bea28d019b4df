import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildApps } from '@sluice/testing';
import { startCollector } from './collector.ts';
import { keepSection } from './keep-section.ts';
import { observeAnswering } from './observing/answering.ts';
import { measureAsking } from './observing/asking.ts';
import { CASES } from './observing/cases.ts';
import { observeDelivering } from './observing/delivering.ts';
import { observingTable } from './observing/report.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const PIECES = {
  answering: {
    title: 'Answering',
    observe: observeAnswering,
    of: { each: 'request', app: 'ingest' },
    text: 'Shopify orders of 8 kB over 64 connections, each ingest with a separate Redis',
  },
  delivering: {
    title: 'Delivering',
    observe: observeDelivering,
    of: { each: 'event', app: 'worker' },
    text: '6,000 orders of 8 kB that wait, of 10 shops with a bot each, without their first third; API 0 ms, concurrency 50',
  },
} as const;
const ASKING = 'Asking for metrics';

/**
 * `npm run bench observing [answering|delivering|asking]… [--rounds 7]`: what metrics, logs and tracing cost ingest and the
 * worker, each alone and all together, beside none of them; and what it takes to ask for metrics. All without a name.
 */
export async function benchObserving(args: readonly string[]): Promise<void> {
  const { positionals: named, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '7' } },
  });
  await buildApps();
  const dir = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const collector = await startCollector();
  const cases = CASES.map((one) => ({ ...one, env: { ...one.env, ...collector.env } }));
  const rounds = Number(values.rounds);
  const command = ['npm run bench observing --', ...args].join(' ');
  const isAsked = (name: string) => named.length === 0 || named.includes(name);
  try {
    for (const [name, { title, observe, of, text }] of Object.entries(PIECES)) {
      if (!isAsked(name)) continue;
      const costs = await observe({ root: ROOT, dir, cases, rounds });
      const intro = `${text}. Medians of ${rounds} alternated rounds (least to most); the ratios are of each round:`;
      await keepSection(FILE, { title, command, text: `${intro}\n\n${observingTable(of, costs)}` });
    }
    if (isAsked('asking')) {
      await keepSection(FILE, { title: ASKING, command, text: await measureAsking(ROOT, dir) });
    }
  } finally {
    collector.stop();
    await rm(dir, { recursive: true });
  }
}

const HEAD = `# Observing

Written by \`npm run bench observing\`; how: \`bench/observing/\`. What it costs to be observed: the apps as their images
start them (\`dist\`, NODE_ENV=production, Redis with appendfsync always), and the same with nothing of it. Without logs is
\`LOG_LEVEL=silent\`; logs are at \`info\`, in a file. Without metrics, a module that is loaded first makes each count and each
observation do nothing, and leaves out prom-client's metrics of the process. Traces go to a collector that takes them and
does nothing. The cost of a scrape is measured separately, of apps that have taken 2,000 webhooks of ten connections:
CPU beyond that of the same time unasked. Rounds alternate: read the ratios and the CPU, for others work on this machine
as well.`;

const FILE = {
  name: 'observing.md',
  head: HEAD,
  order: [...Object.values(PIECES).map(({ title }) => title), ASKING],
};
