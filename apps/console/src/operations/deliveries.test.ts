import { createSourceRegistry } from '@sluice/events';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConsoleRig } from '../test-support/console-rig.ts';

let rig: ConsoleRig;
let order: string;

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery });
  const samples = createSourceRegistry().get('shopify')?.samples;
  const settings = { shopName: 'acme' };
  order = samples?.compose('orders/create', { number: 1, now: 1_790_000_000_000, settings }).body ?? '';
});

afterAll(() => rig.close());

const auditOf = async () => {
  const { body } = await rig.get('/api/audit');
  return (body as { lines: object[] }).lines;
};

test('a dead delivery has its attempts, failure and remedy, with personal data masked', async () => {
  const headers = { 'x-shopify-topic': 'orders/create' };
  const [id] = await rig.kill('acme', 1, {}, { body: order, headers });
  const { status, text, body } = await rig.get(`/api/deliveries/${id}`, { as: 'viewer' });
  expect(status).toBe(200);
  expect(text).not.toMatch(/Jörg|Weiß|Köln|Rua|customer-1@/);
  expect(body).toMatchObject({
    id,
    state: 'dead',
    connection: 'acme',
    source: 'shopify',
    topic: 'orders/create',
    headers,
    attemptsMade: 1,
    attempts: [{ outcome: 'rejected', message: 'no such event', status: 400 }],
    death: { reason: 'rejected', faultOf: 'destination', remedy: expect.stringContaining('replay') },
    body: { masked: true, json: { order_number: 1001, email: '•••@•••', customer: { first_name: '•••' } } },
  });
  expect(await auditOf()).toEqual([]);
});

test('reveal returns the exact body to operators, and writes an audit entry', async () => {
  const [id] = await rig.enqueue('acme', 1, { body: order });
  const path = `/api/deliveries/${id}?reveal=true&note=${encodeURIComponent('customer asked')}`;
  expect(await rig.get(path, { as: 'viewer' })).toMatchObject({ status: 403 });
  expect(await auditOf()).toEqual([]);
  const { body } = await rig.get(path);
  expect(body).toMatchObject({ state: 'waiting', body: { masked: false, text: order } });
  expect(await auditOf()).toMatchObject([
    { action: 'reveal', by: 'operator', who: 'olga', reason: 'customer asked', about: { delivery: id } },
  ]);
});

test('an unknown delivery returns 404 without an audit entry', async () => {
  const before = await auditOf();
  const { status, body } = await rig.get('/api/deliveries/dlv_none?reveal=true');
  expect([status, (body as { detail: string }).detail]).toEqual([
    404,
    'No delivery dlv_none found. Only the newest delivered deliveries are kept.',
  ]);
  expect(await auditOf()).toEqual(before);
  expect((await rig.get('/api/deliveries/7')).status).toBe(400);
  expect((await rig.get('/api/deliveries/dlv_none?reveal=yes')).status).toBe(400);
});

test('finds deliveries in any state by values in their payload', async () => {
  const body = JSON.stringify({ id: 77, created_at: '2026-01-01', email: 'find.me@example.com' });
  const [dead] = await rig.kill('acme', 1, {}, { body });
  const [waiting] = await rig.enqueue('acme', 1, { body });
  await rig.enqueue('acme', 1);
  const found = await rig.get('/api/deliveries?having=id=77&having=email=find.me@example.com', {
    as: 'viewer',
  });
  expect(found.body).toEqual({
    deliveries: expect.arrayContaining([
      {
        id: dead,
        connection: 'acme',
        topic: 'orders/create',
        state: 'dead',
        reason: 'rejected',
        at: expect.any(Number),
      },
      { id: waiting, connection: 'acme', topic: 'orders/create', state: 'waiting', at: expect.any(Number) },
    ]),
  });
  expect((await rig.get('/api/deliveries?having=id=78')).body).toEqual({ deliveries: [] });
  for (const query of ['', '?having=', '?having=id', '?having=id=1&limit=101']) {
    expect((await rig.get(`/api/deliveries${query}`)).status, query).toBe(400);
  }
});

describe('the event preview', () => {
  const preview = async (changes: object) => {
    const [id] = await rig.enqueue('acme', 1, changes);
    return rig.get(`/api/deliveries/${id}/event`, { as: 'viewer' });
  };

  test('returns the event of the current mapper, masked', async () => {
    const { status, body, text } = await preview({ body: order });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ok: true,
      event: 'newOrderCreated',
      payload: { fullBody: { email: '•••@•••' } },
    });
    expect(text).not.toMatch(/Jörg|Weiß|customer-1@/);
  });

  test('returns the failure and its issues without values', async () => {
    const { body, text } = await preview({ body: '{"id":"hunter2"}' });
    expect(body).toMatchObject({
      ...{ ok: false, reason: 'invalid_input', event: 'newOrderCreated' },
      issues: expect.arrayContaining([{ path: 'id', message: expect.any(String) }]),
    });
    expect(text).not.toContain('hunter2');
    expect((await preview({ connection: 'gone' })).body).toMatchObject({ reason: 'unknown_connection' });
  });

  test('returns no event for a compliance request, and 404 for an unknown delivery', async () => {
    const { body } = await preview({ topic: 'customers/redact' });
    expect(body).toEqual({ ok: true, payload: null });
    expect((await rig.get('/api/deliveries/dlv_none/event')).status).toBe(404);
  });
});
