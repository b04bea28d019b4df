import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSourceRegistry } from '@sluice/events';
import { type RunningApp, type RunningRedis, startApp, startRedis } from '@sluice/testing';
import { type Post, postAll } from './post-all.ts';

const SIZES = [10, 5_000] as const;
const ROUNDS = 7;
const REQUESTS = 2_000;
const CONCURRENCY = 32;

interface Contestant {
  readonly size: number;
  readonly ingest: RunningApp;
  readonly startSeconds: number;
  readonly rates: number[];
}

/** Does ingest with 5,000 connections start, weigh and answer like one with 10? */
export async function benchConnections(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const redis = await startRedis({ own: true });
  const contestants: Contestant[] = [];
  for (const size of SIZES) contestants.push(await start(size, folder, redis));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { size, ingest, rates } of contestants) {
      rates.push(REQUESTS / (await postAll(compose(ingest, size, round), CONCURRENCY)));
    }
  }
  await report(contestants);
  for (const { ingest } of contestants) await ingest.stop();
  await redis.stop();
  await rm(folder, { recursive: true });
}

async function start(size: number, folder: string, redis: RunningRedis): Promise<Contestant> {
  const path = join(folder, `${size}.yaml`);
  await writeFile(
    path,
    `connections:\n${Array.from({ length: size }, (_, index) => connection(index)).join('')}`,
  );
  const begin = performance.now();
  const ingest = await startApp('ingest', {
    env: {
      REDIS_URL: redis.url,
      SLUICE_CONNECTIONS: path,
      SLUICE_QUEUE_PREFIX: `{bench${size}}`,
      SLUICE_INGEST_PORT: '0',
      SLUICE_INGEST_METRICS_PORT: '0',
      LOG_LEVEL: 'info',
    },
  });
  return { size, ingest, startSeconds: (performance.now() - begin) / 1000, rates: [] };
}

function connection(index: number): string {
  return `  - id: shop-${index}
    source: shopify
    secrets: [secret-${index}]
    settings: { shopName: shop-${index} }
    botpress: { botId: bot-${index}, integrationId: integration, token: token-${index} }
`;
}

/** Orders of one round, each of another connection. */
function compose(ingest: RunningApp, size: number, round: number): Post[] {
  const samples = createSourceRegistry().get('shopify')?.samples;
  if (!samples) throw new Error('shopify has no samples');
  return Array.from({ length: REQUESTS }, (_, number) => {
    const index = (number * 7919) % size;
    const occasion = { number, now: 1_790_000_000_000 + round, settings: { shopName: `shop-${index}` } };
    const order = samples.sign(samples.compose('orders/create', occasion), `secret-${index}`);
    return { ...order, url: `${ingest.url}/webhooks/shop-${index}` };
  });
}

async function report(contestants: readonly Contestant[]): Promise<void> {
  const lines = [
    '| connections | start, s | memory, MiB | webhooks/s, median (min to max) |',
    '|---|---|---|---|',
  ];
  for (const { size, ingest, startSeconds, rates } of contestants) {
    const sorted = rates.toSorted((a, b) => a - b).map(Math.round);
    const spread = `${sorted[Math.floor(ROUNDS / 2)]} (${sorted[0]} to ${sorted.at(-1)})`;
    lines.push(`| ${size} | ${startSeconds.toFixed(1)} | ${await memoryOf(ingest)} | ${spread} |`);
  }
  const [few, many] = contestants;
  const ratios = few?.rates.map((rate, index) => (many?.rates[index] ?? 0) / rate).toSorted((a, b) => a - b);
  lines.push('', `Ratio, round by round: median ${ratios?.[Math.floor(ROUNDS / 2)]?.toFixed(2)}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** MiB. */
async function memoryOf({ pid }: RunningApp): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}
