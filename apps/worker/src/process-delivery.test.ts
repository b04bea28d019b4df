import type { BotTarget, SendResult } from '@sluice/botpress';
import { type Connection, createConnections, Secret } from '@sluice/config';
import { type BotpressEvent, createSourceRegistry, type SourceDefinition } from '@sluice/events';
import { makeDelivery } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import { BotPauses } from './bot-pauses.ts';
import type { ComplianceRequest } from './comply.ts';
import { type Processing, processDelivery } from './process-delivery.ts';

const NOW = 1_790_000_000_000;
const shopify = createSourceRegistry().get('shopify') as SourceDefinition;

const connection = (id: string, botId: string): Connection => ({
  id,
  source: shopify,
  secrets: [new Secret('secret')],
  settings: { shopName: 'acme' },
  events: new Map(shopify.events.map((event) => [String(event.topic), event])),
  botpress: { botId, integrationId: 'int', token: new Secret('token') },
  limits: { eventsPerMinute: 600, share: 1 },
  retry: { for: 86_400_000 },
  onInvalid: 'quarantine',
});

/** A worker on a fixed clock, whose sends are seen and answered here. */
function createWorker(...answers: SendResult[]) {
  const clock = { now: NOW };
  const sent: { target: BotTarget; event: BotpressEvent }[] = [];
  const obeyed: ComplianceRequest[] = [];
  const processing: Processing = {
    connections: createConnections([connection('acme-orders', 'bot-a'), connection('other-orders', 'bot-b')]),
    sender: {
      sendEvent: async (target, event) => {
        sent.push({ target, event });
        return answers[sent.length - 1] ?? { kind: 'created', eventId: 'evt_1' };
      },
    },
    pauses: new BotPauses(() => clock.now),
    comply: async (request) => {
      obeyed.push(request);
      return { kind: 'erased', removed: 3 };
    },
    apiUrl: 'http://api',
    now: () => clock.now,
    random: () => 0.5,
  };
  const attempt = (changes: object = {}) =>
    processDelivery(processing, { attemptsMade: 0, reading: { ok: true, delivery: makeDelivery(changes) } });
  return { attempt, sent, obeyed, clock, processing };
}

test('maps the delivery and sends it to the bot of its connection', async () => {
  const { attempt, sent } = createWorker();
  const { outcome, event } = await attempt({ id: 'dlv_1' });
  expect(outcome).toEqual({ kind: 'delivered', eventId: 'evt_1', reconciled: false });
  expect(event).toBe('newOrderCreated');
  expect(sent).toEqual([
    {
      target: { apiUrl: 'http://api', botId: 'bot-a', integrationId: 'int', token: 'token' },
      event: {
        type: 'newOrderCreated',
        payload: expect.objectContaining({ deliveryId: 'dlv_1', shopName: 'acme' }),
      },
    },
  ]);
});

test('a compliance topic is obeyed, whatever the connection’s events, and becomes no event', async () => {
  const { attempt, sent, obeyed, processing } = createWorker();
  const { outcome, event } = await attempt({ topic: 'shop/redact', body: '{}' });
  expect([outcome, event]).toEqual([{ kind: 'erased', removed: 3 }, undefined]);
  expect(obeyed).toMatchObject([{ definition: { topic: 'shop/redact' }, connection: { id: 'acme-orders' } }]);
  expect(obeyed[0]?.connections).toBe(processing.connections);
  expect(sent).toEqual([]);
});

describe('dead without a call', () => {
  test.each([
    ['unknown_connection', { connection: 'gone' }],
    ['invalid_input', { body: '{"id":"no number"}' }],
    ['invalid_input', { topic: 'orders/unheard-of' }],
  ])('%s', async (reason, changes) => {
    const { attempt, sent } = createWorker();
    expect((await attempt(changes)).outcome).toMatchObject({ kind: 'dead', reason });
    expect(sent).toEqual([]);
  });

  test('invalid_input, when the job data cannot be read', async () => {
    const { processing } = createWorker();
    const { outcome } = await processDelivery(processing, {
      attemptsMade: 0,
      reading: { ok: false, why: 'v9' },
    });
    expect(outcome).toEqual({ kind: 'dead', reason: 'invalid_input', detail: { message: 'v9' } });
  });
});

test('a bot that asked for a pause gets none of its deliveries before its time; other bots go on', async () => {
  const limited: SendResult = {
    kind: 'refused',
    refusal: { status: 429, type: 'RateLimited', message: '', retryAfter: 30_000 },
  };
  const { attempt, sent, clock } = createWorker(limited);
  expect((await attempt()).outcome).toMatchObject({ kind: 'retry', after: 33_000 });
  expect((await attempt()).outcome).toEqual({ kind: 'paced', until: NOW + 30_500 });
  expect(sent).toHaveLength(1);
  expect((await attempt({ connection: 'other-orders' })).outcome).toMatchObject({ kind: 'delivered' });
  clock.now += 30_000;
  expect((await attempt()).outcome).toMatchObject({ kind: 'delivered' });
});
