import { createDeliveryBackend, enqueueGroup } from '@sluice/queue/testing';
import { makeDelivery, type RunningRedis, startRedis } from '@sluice/testing';
import { createRedisBackend, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const ROUNDS = 9;
const GROUPS = [1, 20, 100] as const;
/** Of each size of group, in a round. */
const DELIVERIES = 1_000;
const BODY = JSON.stringify({ order: 'x'.repeat(8_000) });

const BACKENDS = { without: createRedisBackend, with: createDeliveryBackend } as const;

type Side = keyof typeof BACKENDS;

/** µs a delivery: by the clock, and of Redis' processor time. */
interface Cost {
  readonly clock: number;
  readonly cpu: number;
}

/** What the ledger costs: the same work on BullMQ's backend and on ours, taking turns. */
export async function benchLedger(): Promise<void> {
  const server = await startRedis({ own: true });
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const costs = new Map<string, Record<Side, Cost[]>>();
  const queues = { without: openQueue(redis, 'without'), with: openQueue(redis, 'with') };
  for (let round = 0; round <= ROUNDS; round++) {
    const sides: Side[] = round % 2 === 0 ? ['without', 'with'] : ['with', 'without'];
    const measure = async (what: string, work: (side: Side) => Promise<Cost>) => {
      const measured = costs.get(what) ?? { without: [], with: [] };
      costs.set(what, measured);
      for (const side of sides) {
        const cost = await work(side);
        // The first round warms up.
        if (round > 0) measured[side].push(cost);
      }
    };
    for (const size of GROUPS) {
      await measure(`enqueue, groups of ${size}`, (side) => enqueue(redis, queues[side], size));
    }
    await measure('complete', (side) => complete(redis, server, side));
  }
  report(costs);
  for (const queue of Object.values(queues)) await queue.close();
  redis.disconnect();
  await server.stop();
}

const prefixOf = (side: Side) => `{bench-${side}}`;

function openQueue(redis: Redis, side: Side): Queue {
  return new Queue('deliveries', { connection: redis, prefix: prefixOf(side) }, BACKENDS[side]);
}

async function enqueue(redis: Redis, queue: Queue, size: number): Promise<Cost> {
  const groups = Array.from({ length: DELIVERIES / size }, () =>
    Array.from({ length: size }, () => ({
      delivery: makeDelivery({ body: BODY }),
      deduplicationWindow: 3_600_000,
    })),
  );
  return costOf(redis, DELIVERIES, async () => {
    for (const group of groups) await enqueueGroup(queue, group);
  });
}

/** Completes all that the round has enqueued. */
async function complete(redis: Redis, { url }: RunningRedis, side: Side): Promise<Cost> {
  const waiting = DELIVERIES * GROUPS.length;
  const worker = new Worker(
    'deliveries',
    async () => ({ eventId: 'evt_1', reconciled: false }),
    {
      connection: { url },
      prefix: prefixOf(side),
      concurrency: 50,
      autorun: false,
      removeOnComplete: { count: 1_000 },
    },
    BACKENDS[side],
  );
  await worker.waitUntilReady();
  const cost = await costOf(redis, waiting, async () => {
    let left = waiting;
    const done = new Promise<void>((resolve) => {
      worker.on('completed', () => {
        left--;
        if (left === 0) resolve();
      });
    });
    void worker.run();
    await done;
  });
  await worker.close();
  return cost;
}

async function costOf(redis: Redis, deliveries: number, work: () => Promise<void>): Promise<Cost> {
  const before = await cpuOf(redis);
  const begin = performance.now();
  await work();
  const clock = (performance.now() - begin) * 1_000;
  return { clock: clock / deliveries, cpu: ((await cpuOf(redis)) - before) / deliveries };
}

/** µs of processor time that Redis' main thread has used. */
async function cpuOf(redis: Redis): Promise<number> {
  const info = await redis.info('cpu');
  const seconds = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(info)?.[1]);
  return (seconds('used_cpu_user_main_thread') + seconds('used_cpu_sys_main_thread')) * 1e6;
}

function report(costs: ReadonlyMap<string, Record<Side, Cost[]>>): void {
  const lines = [
    '| µs a delivery, medians | clock without | with | ratio | Redis CPU without | with | ratio |',
    '|---|---|---|---|---|---|---|',
  ];
  for (const [what, measured] of costs) {
    const cells = (['clock', 'cpu'] as const).flatMap((of) => {
      const without = measured.without.map((cost) => cost[of]);
      const withLedger = measured.with.map((cost) => cost[of]);
      const ratios = withLedger.map((cost, round) => cost / (without[round] ?? Number.NaN));
      return [median(without).toFixed(0), median(withLedger).toFixed(0), median(ratios).toFixed(2)];
    });
    lines.push(`| ${[what, ...cells].join(' | ')} |`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
