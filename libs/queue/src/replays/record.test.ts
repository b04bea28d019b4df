import { expect, test } from 'vitest';
import { readStoredFilter, writeStoredFilter } from '../dead-letters/filter-schema.ts';
import { readReplayRecord } from './record.ts';

const stored = {
  ...{
    state: 'paused',
    who: 'olga',
    note: 'fixed',
    filter: '{"connection":"acme"}',
    until: '1',
    createdAt: '1',
  },
};

test.each([
  ['by olga: lunch', 'operator'],
  ['by sluice: 9 of 10 died again', 'failures'],
  ['9 of 10 died again', 'failures'],
])('derives what paused a replay of an earlier version from "%s"', (why, pausedBy) => {
  expect(readReplayRecord('rpl_1', { ...stored, why })).toMatchObject({ why, pausedBy });
});

test('reads what paused a replay from its own field, regardless of the text', () => {
  const fields = { ...stored, why: 'by olga: 9 of 10 died again', pausedBy: 'failures' };
  expect(readReplayRecord('rpl_1', fields)?.pausedBy).toBe('failures');
});

test('reports no cause of a pause for a running replay', () => {
  expect(
    readReplayRecord('rpl_1', { ...stored, state: 'running', why: '', pausedBy: '' }),
  ).not.toHaveProperty('pausedBy');
});

test.each([
  { connection: 'acme', ids: ['dlv_1'], from: 1, to: 2 },
  { connection: 'acme', id: ['dlv_1'], since: 1, until: 2 },
])('reads a stored filter with the names of either version: %j', (filter) => {
  const record = readReplayRecord('rpl_1', { ...stored, filter: JSON.stringify(filter) });
  expect(record?.filter).toEqual({ connection: 'acme', id: ['dlv_1'], since: 1, until: 2 });
});

test('stores a filter with the names that workers of an earlier version read', () => {
  const filter = { connection: 'acme', id: ['dlv_1'], since: 1, until: 2 };
  expect(JSON.parse(writeStoredFilter(filter))).toEqual({
    connection: 'acme',
    ids: ['dlv_1'],
    from: 1,
    to: 2,
  });
  expect(readStoredFilter(writeStoredFilter(filter))).toEqual(filter);
});
