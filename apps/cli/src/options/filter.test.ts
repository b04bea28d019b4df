import { deadLetterFilter, FILTER_NAMES } from '@sluice/queue';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addFilterOptions, toFilter } from './filter.ts';

function parse(...args: readonly string[]) {
  const command = addFilterOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} }));
  return toFilter(command.parse(args, { from: 'user' }).opts());
}

test('matches all dead letters without options', () => {
  expect(parse()).toEqual({});
});

test('converts each option to a valid filter of the queue', () => {
  const filter = parse(
    ...['--id', 'dlv_1', 'dlv_2', '--connection', 'acme', '--source', 'shopify', '--topic', 'orders/create'],
    ...['--event', 'newOrderCreated', '--reason', 'rejected', '--group', 'other', '--type', 'InvalidPayload'],
    ...[
      '--status',
      '400',
      '--attempts',
      '5',
      '--since',
      '2026-11-25',
      '--until',
      '2026-11-26T03:00Z',
      '--text',
      'No such',
    ],
    ...['--replay', 'rpl_1', '--having', 'order_id=1042', '--having', 'email=a@b.c'],
  );
  expect(filter).toEqual({
    ...{ id: ['dlv_1', 'dlv_2'], connection: 'acme', source: 'shopify', topic: 'orders/create' },
    ...{ event: 'newOrderCreated', reason: 'rejected', group: 'other', type: 'InvalidPayload', status: 400 },
    ...{
      replay: 'rpl_1',
      attempts: 5,
      since: Date.UTC(2026, 10, 25),
      until: Date.UTC(2026, 10, 26, 3),
      text: 'No such',
    },
    having: [
      { name: 'order_id', value: '1042' },
      { name: 'email', value: 'a@b.c' },
    ],
  });
  expect(deadLetterFilter.parse(filter)).toEqual(filter);
  expect(Object.keys(filter).toSorted()).toEqual(FILTER_NAMES.toSorted());
});

test.each([
  ['--id', 'x'],
  ['--group', '*'],
  ['--replay', 'dlv_1'],
  ['--status', 'x'],
  ['--status', '4'],
  ['--status', '600'],
  ['--status', '4xx'],
  ['--attempts', '0'],
  ['--since', 'x'],
  ['--text', ''],
  ['--having', 'x'],
])('rejects %s %s', (...args) => {
  expect(() => parse(...args)).toThrow('Expected');
});
