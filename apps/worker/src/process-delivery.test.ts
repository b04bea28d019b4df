import { type Connection, createConnections, Secret } from '@sluice/config';
import { createSourceRegistry, type SourceDefinition } from '@sluice/events';
import { makeDelivery } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import type { ComplianceRequest } from './compliance.ts';
import type { ReadyDelivery } from './deliver-event.ts';
import type { ReadyForward } from './deliver-forward.ts';
import { type ProcessDependencies, processDelivery } from './process-delivery.ts';

const shopify = createSourceRegistry().get('shopify') as SourceDefinition;

const connection: Connection = {
  id: 'acme-orders',
  source: shopify,
  secrets: [new Secret('secret')],
  settings: { shopName: 'acme' },
  events: new Map(shopify.events.map((event) => [String(event.topic), event])),
  botpress: { botId: 'bot-a', integrationId: 'int', token: new Secret('token') },
  limits: { eventsPerMinute: 600, share: 1 },
  retry: { for: 86_400_000, reconcile: true },
  onInvalid: 'quarantine',
};

/** A connection that forwards its webhooks. */
const forwarding: Connection = {
  ...connection,
  id: 'acme-both',
  forward: {
    ...{ url: new Secret('https://example.com/'), secret: new Secret('secret') },
    ...{ allowPrivate: false, perMinute: 60 },
  },
};

/** A worker that records deliveries and compliance requests instead of handling them. */
function createWorker() {
  const delivered: ReadyDelivery[] = [];
  const obeyed: ComplianceRequest[] = [];
  const forwarded: ReadyForward[] = [];
  const processing: ProcessDependencies = {
    connections: createConnections([connection, forwarding]),
    deliver: async (ready) => {
      delivered.push(ready);
      return { outcome: { kind: 'delivered', eventId: 'evt_1', reconciled: false } };
    },
    forward: async (ready) => {
      forwarded.push(ready);
      return { outcome: { kind: 'forwarded', status: 200 } };
    },
    comply: async (request) => {
      obeyed.push(request);
      return { kind: 'erased', removed: 3 };
    },
  };
  const attempt = (changes: object = {}) => {
    const reading = { ok: true, delivery: makeDelivery(changes) } as const;
    return processDelivery(processing, { attemptsMade: 0, lock: 'lock', reading });
  };
  return { attempt, delivered, obeyed, forwarded, processing };
}

test('maps the event of a delivery and sends it to the bot of its connection', async () => {
  const { attempt, delivered } = createWorker();
  const { outcome, event } = await attempt({ id: 'dlv_1' });
  expect(outcome).toEqual({ kind: 'delivered', eventId: 'evt_1', reconciled: false });
  expect(event).toBe('newOrderCreated');
  expect(delivered).toMatchObject([
    {
      connection,
      event: { type: 'newOrderCreated', payload: { deliveryId: 'dlv_1', shopName: 'acme' } },
    },
  ]);
});

test('handles a compliance topic without creating an event, regardless of the connection’s events', async () => {
  const { attempt, delivered, obeyed, processing } = createWorker();
  const { outcome, event } = await attempt({ topic: 'shop/redact', body: '{}' });
  expect([outcome, event]).toEqual([{ kind: 'erased', removed: 3 }, undefined]);
  expect(obeyed).toMatchObject([{ definition: { topic: 'shop/redact' }, connection: { id: 'acme-orders' } }]);
  expect(obeyed[0]?.connections).toBe(processing.connections);
  expect(delivered).toEqual([]);
});

describe('becomes a dead letter without a call', () => {
  test.each([
    ['unknown_connection', { connection: 'gone' }, undefined],
    ['invalid_input', { body: '{"id":"no number"}' }, 'newOrderCreated'],
    ['invalid_input', { topic: 'orders/unheard-of' }, undefined],
  ])('%s', async (reason, changes, event) => {
    const { attempt, delivered } = createWorker();
    const attempted = await attempt(changes);
    expect(attempted).toMatchObject({ outcome: { kind: 'dead', reason }, delivery: changes });
    expect(attempted.event).toBe(event);
    expect('event' in attempted.outcome ? attempted.outcome.event : undefined).toBe(event);
    expect(delivered).toEqual([]);
  });

  test('a refusal by Botpress carries the event name', async () => {
    const { attempt, processing } = createWorker();
    const detail = { message: 'no', status: 400, type: 'InvalidPayload' };
    const deliver = async () => ({ outcome: { kind: 'dead', reason: 'rejected', detail } }) as const;
    const refused = { ...processing, deliver };
    const reading = { ok: true, delivery: makeDelivery() } as const;
    const { outcome } = await processDelivery(refused, { attemptsMade: 0, lock: 'lock', reading });
    expect(outcome).toEqual({ kind: 'dead', reason: 'rejected', detail, event: 'newOrderCreated' });
    expect((await attempt()).outcome).not.toHaveProperty('event');
  });

  test('invalid_input when the job data cannot be read', async () => {
    const { processing } = createWorker();
    const { outcome } = await processDelivery(processing, {
      attemptsMade: 0,
      lock: 'lock',
      reading: { ok: false, why: 'v9' },
    });
    expect(outcome).toEqual({ kind: 'dead', reason: 'invalid_input', detail: { message: 'v9' } });
  });
});

test.each(['orders/create', 'shop/redact', 'unknown', 'webhook'])(
  'forwards a webhook of topic %s without mapping it',
  async (topic) => {
    const { attempt, delivered, obeyed, forwarded } = createWorker();
    const result = await attempt({ connection: 'acme-both:forward', topic, body: 'no JSON' });
    expect(result).toMatchObject({
      ...{ event: 'forward', isForward: true, outcome: { kind: 'forwarded', status: 200 } },
    });
    expect(forwarded).toMatchObject([{ connection: { id: 'acme-both:forward' }, delivery: { topic } }]);
    expect([delivered, obeyed]).toEqual([[], []]);
  },
);

test('a forward whose connection does not forward any more is dead', async () => {
  const { outcome } = await createWorker().attempt({ connection: 'acme-orders:forward' });
  expect(outcome).toMatchObject({ kind: 'dead', reason: 'unknown_connection' });
});
