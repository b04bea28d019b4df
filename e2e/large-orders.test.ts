import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSourceRegistry } from '@sluice/events';
import { type RunningPipeline, runSluice, startPipeline } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

const samples = createSourceRegistry().get('shopify')?.samples;
const botpress = { botId: 'demo-bot', integrationId: 'demo-integration', token: 'demo-token' };
const connection = (id: string, more: object = {}) => ({
  ...{ id, source: 'shopify', secrets: ['shopify-demo-secret'], settings: { shopName: 'demo-shop' } },
  ...{ botpress, limits: { eventsPerMinute: 1_000_000 }, ...more },
});
const connections = [
  connection('whole'),
  connection('picked', { fullBody: ['id', 'line_items.*.title', 'line_items.*.quantity'] }),
  connection('none', { fullBody: false }),
  connection('narrow', { limits: { eventsPerMinute: 1_000_000, eventBytes: 131_072 } }),
];

let pipeline: RunningPipeline;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-large-'));
  const path = join(folder, 'connections.json');
  await writeFile(path, JSON.stringify({ connections }));
  pipeline = await startPipeline({ env: { SLUICE_CONNECTIONS: path } });
});

afterEach(() => pipeline.sandbox.reset());
afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Bytes of a line in a real order. */
const LINE_BYTES = 1_900;

let number = 0;

/** Posts an order with this number of lines and returns its id, size and response. */
async function postOrder(lines: number, to: string) {
  number += 1;
  const occasion = { number, now: Date.now(), settings: { shopName: 'demo-shop' } };
  const sample = samples?.compose('orders/create', occasion);
  if (!samples || !sample) throw new Error('shopify has no samples');
  const order = JSON.parse(sample.body) as { id: number; line_items: object[] };
  const [line] = order.line_items;
  const padding = 'x'.repeat(LINE_BYTES - JSON.stringify(line).length - 20);
  const items = Array.from({ length: lines }, (_, index) => ({ ...line, id: 1e12 + index, note: padding }));
  const body = JSON.stringify({ ...order, line_items: items });
  const request = samples.sign({ ...sample, body }, 'shopify-demo-secret');
  const response = await fetch(pipeline.webhookUrl(to), { method: 'POST', ...request });
  const { result } = (await response.json()) as { result?: string };
  expect([response.status, result]).toEqual([200, 'accepted']);
  return { id: order.id, bytes: body.length };
}

interface OrderPayload {
  readonly order_id: number;
  readonly fullBody?: { readonly line_items: readonly object[] };
  readonly fullBodyLeftOut?: boolean;
}

/** Returns the payloads of all events at the bot, by order. */
async function payloads(): Promise<ReadonlyMap<number, OrderPayload>> {
  const headers = { authorization: 'Bearer demo-token', 'x-bot-id': 'demo-bot' };
  const answer = await fetch(`${pipeline.sandbox.url}/v1/chat/events`, { headers });
  const { events } = (await answer.json()) as { events: { payload: OrderPayload }[] };
  return new Map(events.map(({ payload }) => [payload.order_id, payload]));
}

describe('orders of 100, 700 and 3,000 lines are delivered', () => {
  const sizes = [100, 700, 3_000];

  /** Posts the orders and returns the number of lines in the event of each, or that the body was left out. */
  async function deliver(to: string) {
    const orders: { id: number; bytes: number }[] = [];
    for (const lines of sizes) orders.push(await postOrder(lines, to));
    await pipeline.sandbox.waitFor({ distinct: sizes.length });
    const events = await payloads();
    const calls = await pipeline.sandbox.calls();
    const bodies = orders.map(({ id }) => {
      const { fullBody, fullBodyLeftOut } = events.get(id) ?? { fullBodyLeftOut: undefined };
      return fullBodyLeftOut ? 'left out' : (fullBody?.line_items.length ?? 'none');
    });
    return { bodies, statuses: calls.map(({ status }) => status), bytes: orders.map(({ bytes }) => bytes) };
  }

  test('the first whole, the others without their full body', async () => {
    const { bodies, statuses, bytes } = await deliver('whole');
    expect(bytes.map((size) => Math.round(size / 10_000) / 100)).toEqual([0.19, 1.33, 5.67]);
    expect([bodies, statuses]).toEqual([
      [100, 'left out', 'left out'],
      [201, 201, 201],
    ]);
  });

  test('whole with two fields of each line', async () => {
    expect(await deliver('picked')).toMatchObject({ bodies: sizes, statuses: [201, 201, 201] });
  });

  test('without a full body', async () => {
    expect(await deliver('none')).toMatchObject({ bodies: ['none', 'none', 'none'] });
  });

  test('without their full body below a limit of 128 KB', async () => {
    expect(await deliver('narrow')).toMatchObject({ bodies: ['left out', 'left out', 'left out'] });
  });

  test('without their full body if Botpress permits less than the connection', async () => {
    await pipeline.sandbox.addFault({ kind: 'error', error: 'PayloadTooLarge', times: 1 });
    const { bodies, statuses } = await deliver('whole');
    expect(bodies).toEqual(['left out', 'left out', 'left out']);
    expect(statuses.toSorted()).toEqual([201, 201, 201, 413]);
  });
});

test('an event that is refused without its full body is a dead letter whose fix names the limit', async () => {
  await pipeline.sandbox.addFault({ kind: 'error', error: 'PayloadTooLarge', times: 1 });
  await postOrder(700, 'whole');
  const attempt = await pipeline.worker.lines.waitFor((line) => line.outcome === 'dead');
  expect(attempt).toMatchObject({ reason: 'too_large' });
  expect((await pipeline.sandbox.calls()).map(({ status }) => status)).toEqual([413]);
  const sluice = async (...argv: string[]) => (await (await runSluice(argv, pipeline.env)).ended).stdout;
  expect(await sluice('deliveries', 'show', String(attempt.delivery))).toContain('limits.eventBytes');
  expect(await sluice('dead-letters', 'dry-run')).toContain(
    '1 newOrderCreated (1 without the full body: too large)',
  );
  expect(await sluice('replay', 'plan', '--all', '--dry-run')).toContain('1 without their full body');
});
