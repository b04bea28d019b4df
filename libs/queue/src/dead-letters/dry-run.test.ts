import { type ConnectionMapping, createSourceRegistry, type SourceDefinition } from '@sluice/events';
import { makeDelivery } from '@sluice/testing';
import { expect, test } from 'vitest';
import { DryRun } from './dry-run.ts';

const shopify = createSourceRegistry().get('shopify') as SourceDefinition;

const acme: ConnectionMapping = {
  source: shopify,
  settings: { shopName: 'acme' },
  events: new Map(shopify.events.map((event) => [String(event.topic), event])),
};

const mappers = (connection: ConnectionMapping) => new Map([['acme', connection]]);

test('a dry run counts the events and failures of the current mappers', () => {
  const trial = new DryRun(mappers(acme));
  const fits = [makeDelivery({ connection: 'acme' }), makeDelivery({ connection: 'acme' })];
  for (const delivery of fits) trial.add(delivery);
  const unfit = makeDelivery({ connection: 'acme', body: '{"id":"no number"}' });
  for (let time = 0; time < 3; time++) trial.add(unfit);
  trial.add(makeDelivery({ connection: 'gone' }));
  trial.add(makeDelivery({ connection: 'acme', topic: 'shop/redact', body: '{}' }));
  trial.addFailure({ id: 'dlv_9', connection: 'acme', topic: 'orders/create' }, 'invalid_input', 'version 9');
  expect(trial.result).toMatchObject({
    succeed: 3,
    fail: 5,
    duties: 1,
    leftOut: 0,
    become: [{ event: 'newOrderCreated', count: 2, example: { id: fits[0]?.id } }],
    die: [
      { reason: 'invalid_input', connection: 'acme', count: 3, example: unfit.id },
      { reason: 'unknown_connection', connection: 'gone', count: 1 },
      { reason: 'invalid_input', message: 'version 9', example: 'dlv_9', count: 1 },
    ],
  });
  expect(trial.result.become[0]?.example.event.payload).toMatchObject({ shopName: 'acme' });
});

test('a dry run reports the events that differ from those of other mappers', () => {
  const trial = new DryRun(mappers(acme), mappers({ ...acme, settings: { shopName: 'old' } }));
  const deliveries = [makeDelivery({ connection: 'acme' }), makeDelivery({ connection: 'acme' })];
  for (const delivery of deliveries) trial.add(delivery);
  expect(trial.result.become).toMatchObject([
    {
      count: 2,
      changed: 2,
      example: {
        id: deliveries[0]?.id,
        changes: [{ op: 'replace', path: '/payload/shopName', value: 'acme' }],
      },
    },
  ]);
});

test('a forward succeeds without an event', () => {
  const trial = new DryRun(new Map([['acme:forward', { ...acme, isForward: true }]]));
  trial.add(makeDelivery({ connection: 'acme:forward', body: 'no JSON' }));
  expect(trial.result).toMatchObject({ succeed: 1, fail: 0, duties: 1, become: [] });
});
