import { type RunningPipeline, readSharedFixtures, startPipeline } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { orders, signed } from './shopify-orders.ts';

let pipeline: RunningPipeline;

beforeAll(async () => {
  pipeline = await startPipeline();
});

afterEach(() => pipeline.sandbox.reset());
afterAll(() => pipeline.stop());

const post = async (
  { headers, body }: { headers: Readonly<Record<string, string>>; body: string },
  to?: string,
) => {
  const answer = await fetch(pipeline.webhookUrl(to), { method: 'POST', headers, body });
  return { status: answer.status, json: (await answer.json()) as { result?: string; deliveries?: string[] } };
};

/** Returns the events from the Botpress API. */
async function listEvents(): Promise<{ type: string; payload: Record<string, unknown> }[]> {
  const headers = {
    authorization: 'Bearer demo-token',
    'x-bot-id': 'demo-bot',
    'x-integration-id': 'demo-integration',
  };
  const answer = await fetch(`${pipeline.sandbox.url}/v1/chat/events`, { headers });
  return ((await answer.json()) as { events: { type: string; payload: Record<string, unknown> }[] }).events;
}

const captured = readSharedFixtures('shopify', /^(orders-create|order\.|orders\.)/);

test.skipIf(captured.length === 0)(
  'every real order becomes one event that matches the schema of the bot',
  async () => {
    for (const [index, { name, json }] of captured.entries()) {
      const { body, response } = json as { body?: unknown; response?: unknown };
      const headers = { 'x-shopify-topic': 'orders/create', 'x-shopify-webhook-id': `capture-${index}` };
      const { status, json: answer } = await post(signed(JSON.stringify(body ?? response ?? json), headers));
      expect([name, status, answer.result]).toEqual([name, 200, 'accepted']);
    }
    await pipeline.sandbox.waitFor({ distinct: captured.length });
    const events = await listEvents();
    expect(events).toHaveLength(captured.length);
    for (const { type, payload } of events) {
      expect([type, payload.shopName]).toEqual(['newOrderCreated', 'demo-shop']);
      expect(Object.values(payload)).not.toContain(null);
    }
    expect((await pipeline.sandbox.calls()).map(({ status }) => status)).toEqual(captured.map(() => 201));
  },
);

test('the same order posted a hundred times at once gets a hundred 2xx and becomes one event', async () => {
  const [order] = orders(1);
  if (!order) throw new Error('no order');
  const answers = await Promise.all(Array.from({ length: 100 }, () => post(order)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(answers.filter(({ json }) => json.result === 'accepted')).toHaveLength(1);
  expect(new Set(answers.flatMap(({ json }) => json.deliveries ?? [])).size).toBe(1);
  // A later delivery is created later: then no event of the hundred is outstanding.
  const [, last] = orders(2);
  if (last) await post(last);
  await pipeline.sandbox.waitFor({ distinct: 2 });
  expect(await pipeline.sandbox.ledger()).toMatchObject({ commits: 2, distinct: 2, doubled: {} });
});

test('a wrong signature and an unknown connection get the same 401 without a write to Redis', async () => {
  const [order] = orders(1);
  if (!order) throw new Error('no order');
  const redis = new Redis(pipeline.redis.url);
  const writes = async () => /rdb_changes_since_last_save:(\d+)/.exec(await redis.info('persistence'))?.[1];
  await pipeline.worker.stop();
  const before = await writes();
  const forged = { ...order, body: order.body.replace('EUR', 'USD') };
  const answers = [await post(forged), await post(order, 'nobody')];
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]?.status).toBe(401);
  expect(await writes()).toBe(before);
  redis.disconnect();
  await pipeline.restart('worker');
});
