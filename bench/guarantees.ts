import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDeliveryBackend, enqueueGroup } from '@sluice/queue/testing';
import { makeDelivery, startApp, startRedis, startSandbox } from '@sluice/testing';
import { Queue } from 'bullmq';

const ROUNDS = 5;
const EVENTS = 3_000;
const BOTS = 10;
/** The first are sent while the process compiles its code. */
const WARM = 0.2;

const WITHOUT = fileURLToPath(new URL('./guarantees/without-gate.ts', import.meta.url));

/**
 * How fast a worker makes events of a backlog that no limit holds back, with the gate and without it. What
 * the gate costs is one script of Redis' a delivery; what it gives is pacing, holds and the record of attempts.
 */
export async function benchGuarantees(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const connections = join(folder, 'connections.json');
  await writeFile(connections, JSON.stringify({ connections: Array.from({ length: BOTS }, connectionOf) }));
  const rates: Record<'with' | 'without', number[]> = { with: [], without: [] };
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const gate of round % 2 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
        const rate = await measure(connections, gate);
        rates[gate].push(rate);
        process.stderr.write(`round ${round + 1}, ${gate} the gate: ${Math.round(rate)} events/s\n`);
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  const [on, off] = [median(rates.with), median(rates.without)];
  process.stdout.write(
    [
      `events/s, medians of ${ROUNDS} alternated rounds of ${EVENTS}, 1 worker, sandbox without latency`,
      `all guarantees on: ${Math.round(on)}`,
      `pacing, holds and reconciliation off: ${Math.round(off)}`,
      `ratio: ${(on / off).toFixed(3)}`,
      '',
    ].join('\n'),
  );
}

function connectionOf(_: unknown, index: number): object {
  return {
    id: `shop-${index}`,
    source: 'shopify',
    secrets: ['secret'],
    settings: { shopName: `shop-${index}` },
    botpress: { botId: `bot-${index}`, integrationId: 'bench', token: 'token' },
    limits: { eventsPerMinute: 1_000_000 },
  };
}

/** Events a second of one worker over a separate backlog. */
async function measure(connections: string, gate: 'with' | 'without'): Promise<number> {
  const redis = await startRedis({ own: true });
  const sandbox = await startSandbox();
  await enqueue(redis.url);
  const worker = await startApp('worker', {
    nodeArgs: gate === 'with' ? [] : ['--import', WITHOUT],
    env: {
      REDIS_URL: redis.url,
      SLUICE_CONNECTIONS: connections,
      BOTPRESS_API_URL: sandbox.url,
      SLUICE_WORKER_METRICS_PORT: '0',
    },
  });
  await sandbox.waitFor({ distinct: EVENTS });
  const times = (await sandbox.calls()).map(({ at }) => at).sort((a, b) => a - b);
  await worker.stop();
  await sandbox.stop();
  await redis.stop();
  const counted = times.slice(Math.floor(times.length * WARM));
  return (1_000 * (counted.length - 1)) / ((counted.at(-1) ?? 0) - (counted[0] ?? 0));
}

const GROUP = 500;

async function enqueue(redisUrl: string): Promise<void> {
  const queue = new Queue(
    'deliveries',
    { connection: { url: redisUrl }, prefix: '{sluice}' },
    createDeliveryBackend,
  );
  for (let first = 0; first < EVENTS; first += GROUP) {
    const requests = Array.from({ length: GROUP }, (_, index) => ({
      delivery: makeDelivery({ connection: `shop-${index % BOTS}` }),
      deduplicationWindow: 60_000,
    }));
    await enqueueGroup(queue, requests);
  }
  await queue.close();
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
