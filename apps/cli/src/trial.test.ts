import { type Connection, createConnections, Secret } from '@sluice/config';
import { createSourceRegistry, type SourceDefinition } from '@sluice/events';
import { makeDelivery } from '@sluice/testing';
import { expect, test } from 'vitest';
import { Trial } from './trial.ts';

const shopify = createSourceRegistry().get('shopify') as SourceDefinition;

const acme: Connection = {
  id: 'acme',
  source: shopify,
  secrets: [new Secret('secret')],
  settings: { shopName: 'acme' },
  events: new Map(shopify.events.map((event) => [String(event.topic), event])),
  botpress: { botId: 'bot-a', token: new Secret('token') },
  limits: { eventsPerMinute: 600, share: 1 },
  retry: { for: 86_400_000, reconcile: true },
  onInvalid: 'quarantine',
};

test('tells what would become of each by today’s mappers, by event and by what it would die of', () => {
  const trial = new Trial(createConnections([acme]));
  const fits = [makeDelivery({ connection: 'acme' }), makeDelivery({ connection: 'acme' })];
  for (const delivery of fits) trial.add(delivery);
  const unfit = makeDelivery({ connection: 'acme', body: '{"id":"no number"}' });
  for (let time = 0; time < 3; time++) trial.add(unfit);
  trial.add(makeDelivery({ connection: 'gone' }));
  trial.add(makeDelivery({ connection: 'acme', topic: 'shop/redact', body: '{}' }));
  trial.diesOf({ id: 'dlv_9', connection: 'acme', topic: 'orders/create' }, 'invalid_input', 'version 9');
  expect(trial.result).toMatchObject({
    succeed: 3,
    fail: 5,
    duties: 1,
    become: [{ event: 'newOrderCreated', count: 2, example: { id: fits[0]?.id } }],
    die: [
      { reason: 'invalid_input', connection: 'acme', count: 3, example: unfit.id },
      { reason: 'unknown_connection', connection: 'gone', count: 1 },
      { reason: 'invalid_input', message: 'version 9', example: 'dlv_9', count: 1 },
    ],
  });
  expect(trial.result.become[0]?.example.event.payload).toMatchObject({ shopName: 'acme' });
});
