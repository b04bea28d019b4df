import { type RunningPipeline, sendLikeAPlatform, startPipeline } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orders } from './shopify-orders.ts';

/** Enough that what goes on by itself, as looks and signs of life, is a few in a hundred. */
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

/** What Redis has done so far: scripts asked for, commands in all (those of scripts as well), and bytes. */
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

/** Measured: 3.06 scripts, 60.2 commands, 4.5 kB and 3.0 kB, of orders of 6 kB; and one in twenty more. */
const MOST = { scripts: 3.2, commands: 63, received: 4_750, sent: 3_200 };

/**
 * What a delivery costs Redis from the webhook to its event, which does not depend on how fast the machine is. Who
 * makes it cheaper lowers these; who has to raise one says why in its commit.
 */
test('a delivery costs Redis no more than it did', async () => {
  const url = () => pipeline.webhookUrl();
  await sendLikeAPlatform(orders(50), { url, concurrency: 10 });
  await pipeline.sandbox.waitFor({ distinct: 50 });
  const before = await done();
  await sendLikeAPlatform(orders(ORDERS), { url, concurrency: 20 });
  await pipeline.sandbox.waitFor({ distinct: 50 + ORDERS });
  const after = await done();
  const each = {
    scripts: (after.scripts - before.scripts) / ORDERS,
    commands: (after.commands - before.commands) / ORDERS,
    received: (after.received - before.received) / ORDERS,
    sent: (after.sent - before.sent) / ORDERS,
  };
  for (const [what, most] of Object.entries(MOST)) {
    expect(each[what as keyof typeof MOST], `${what} a delivery: ${JSON.stringify(each)}`).toBeLessThan(most);
  }
});
