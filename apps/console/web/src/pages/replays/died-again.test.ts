import { expect, it } from 'vitest';
import type { Replay } from '../../api/answers.ts';
import { diedAgain } from './died-again.ts';

const replay: Replay = {
  ...{ id: 'rpl_1', state: 'done', who: 'olga', note: 'why', createdAt: 1_790_000_000_000 },
  ...{ planned: 1, replayed: 1, delivered: 0, died: 1, removed: 0, outstanding: 0 },
  filter: { connection: 'acme', reason: 'rejected', text: 'x', having: [{ name: 'email', value: '•••' }] },
};

it('looks for what died since, by what it keeps when it dies again', () => {
  expect(diedAgain(replay)).toBe('/dead-letters?connection=acme&from=1790000000000');
});

it('names deliveries one by one where they are few', () => {
  expect(diedAgain({ ...replay, filter: { ids: ['dlv_1'] } })).toBe(
    '/dead-letters?id=dlv_1&from=1790000000000',
  );
  const many = Array.from({ length: 500 }, (_, index) => `dlv_${index}`);
  expect(diedAgain({ ...replay, filter: { ids: many } })).toBe('/dead-letters?from=1790000000000');
});
