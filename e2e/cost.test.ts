import { type RunningPipeline, sendLikeAPlatform, startPipeline } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orders } from './shopify-orders.ts';

/** Enough that periodic commands, such as polls and heartbeats, are a few percent. */
const ORDERS = 1_000;

let pipeline: RunningPipeline;
let redis: Redis;

beforeAll(async () => {
  pipeline = await startPipeline();
  redis = new Redis(pipeline.redis.url);
});

afterAll(async () => {
  redis.disconnect();
  await pipeline.stop();
});

/** Returns the totals of Redis: script calls, all commands including those of scripts, and bytes. */
async function done() {
  const [stats, commands] = await Promise.all([redis.info('stats'), redis.info('commandstats')]);
  const of = (text: string, name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  const calls = [...commands.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  const count = (fits: (name: string) => boolean) =>
    calls.reduce((sum, [, name = '', number]) => (fits(name) ? sum + Number(number) : sum), 0);
  return {
    scripts: count((name) => /^eval/.test(name)),
    commands: count(() => true),
    received: of(stats, 'total_net_input_bytes'),
    sent: of(stats, 'total_net_output_bytes'),
  };
}

/** Returns the cost per order. */
async function costOf(work: () => Promise<unknown>) {
  const before = await done();
  await work();
  const after = await done();
  const each = (of: keyof typeof after) => Number(((after[of] - before[of]) / ORDERS).toFixed(2));
  return {
    scripts: each('scripts'),
    commands: each('commands'),
    received: each('received'),
    sent: each('sent'),
  };
}

/**
 * Measured with orders of 6 kB: 1 script, 15.5 commands, 3.16 kB in and 0.08 kB out to store one; 2.21, 50.5, 1.59 and
 * 3.17 to deliver it, including the start of the worker and its periodic commands; plus 5 %. Two of the 50 commands, TIME
 * and ZADD, remember the event until its status in the bot is known (ADR 30). Two more and 70 bytes keep the window of
 * the workspace (ADR 31).
 */
const MOST_TO_STORE = { scripts: 1.05, commands: 16.2, received: 3_300, sent: 85 };
const MOST_TO_DELIVER = { scripts: 2.3, commands: 53, received: 1_670, sent: 3_340 };

/**
 * The worker runs 50 deliveries at once, and a fresh one tries two before the first answer proves the connection. The
 * other 48 wait and ask again.
 */
const WAIT_FOR_FIRST_ANSWER = 48;

/** Rounds, if the first answer is slow. */
const MOST_ROUNDS = 5;

/**
 * The cost of a delivery does not depend on the speed of the machine: deliveries are stored without a worker, and
 * delivered without incoming webhooks, because an idle worker polls. Only the first answer matters: each time the 48
 * ask again adds 0.16 scripts (an answer after 40 ms: 2.49 scripts), so a round counts only if they asked once. Lower
 * these limits with improvements. A commit that raises one states the reason.
 */
test('the Redis cost of a delivery does not grow', async () => {
  const url = () => pipeline.webhookUrl();
  await sendLikeAPlatform(orders(50), { url, concurrency: 10 });
  await pipeline.sandbox.waitFor({ distinct: 50 });
  let paced = Number.POSITIVE_INFINITY;
  for (let round = 1; round <= MOST_ROUNDS && paced > WAIT_FOR_FIRST_ANSWER; round++) {
    await pipeline.worker.stop();
    const stored = await costOf(() => sendLikeAPlatform(orders(ORDERS), { url, concurrency: 20 }));
    expectAtMost(stored, MOST_TO_STORE, 'to store a delivery');
    const delivered = await costOf(async () => {
      await pipeline.start('worker', 0);
      await pipeline.sandbox.waitFor({ distinct: 50 + round * ORDERS });
    });
    paced = await pacedAttempts();
    if (paced <= WAIT_FOR_FIRST_ANSWER) expectAtMost(delivered, MOST_TO_DELIVER, 'to deliver it');
  }
  expect(paced, 'attempts that waited for a permit').toBeLessThanOrEqual(WAIT_FOR_FIRST_ANSWER);
});

/** Returns the attempts of the worker that got no permit. */
async function pacedAttempts(): Promise<number> {
  const answer = await fetch(`${pipeline.worker.ready.metricsUrl}/metrics`, {
    signal: AbortSignal.timeout(10_000),
  });
  const paced = /^sluice_attempts_total\{[^}]*outcome="paced"[^}]*\} (\d+)$/m.exec(await answer.text());
  return Number(paced?.[1] ?? 0);
}

function expectAtMost(cost: Cost, most: Cost, what: string): void {
  for (const [of, limit] of Object.entries(most)) {
    expect(cost[of as keyof Cost], `${of} ${what}: ${JSON.stringify(cost)}`).toBeLessThan(limit);
  }
}

type Cost = typeof MOST_TO_STORE;
