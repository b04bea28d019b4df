import { expect, test } from 'vitest';
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

test('reads what paused a replay from its own field, whatever the text', () => {
  const fields = { ...stored, why: 'by olga: 9 of 10 died again', pausedBy: 'failures' };
  expect(readReplayRecord('rpl_1', fields)?.pausedBy).toBe('failures');
});

test('reports nothing that paused a replay which is running', () => {
  expect(
    readReplayRecord('rpl_1', { ...stored, state: 'running', why: '', pausedBy: '' }),
  ).not.toHaveProperty('pausedBy');
});
