import { expect, it } from 'vitest';
import { nodeOf } from '../model/json-text.ts';
import { jsonRows } from './json-rows.ts';

const ORDER = nodeOf({
  id: 1,
  customer: { address: { city: { name: 'Ulm' } } },
  line_items: [{ price: '1.00' }, { price: 'dear' }],
});
const shown = { toggled: new Map<string, boolean>(), issues: [], search: '' };
const pathsOf = (options: Partial<Parameters<typeof jsonRows>[1]>) =>
  jsonRows(ORDER, { ...shown, ...options }).rows.map(({ path }) => path);

it('opens two levels', () => {
  expect(pathsOf({})).toEqual([
    '',
    'id',
    'customer',
    'customer.address',
    'line_items',
    'line_items.0',
    'line_items.1',
  ]);
});

it('opens and closes as it is told', () => {
  expect(pathsOf({ toggled: new Map([['1', false]]) })).not.toContain('customer.address');
  expect(pathsOf({ toggled: new Map([['', false]]) })).toEqual(['']);
});

it('opens the way to what is wrong, and tells it at its field', () => {
  const { rows } = jsonRows(ORDER, {
    ...shown,
    issues: [{ path: 'line_items.1.price', message: 'is no price' }],
  });
  const row = (path: string) => rows.find((one) => one.path === path);
  expect(row('line_items.1.price')?.issues).toEqual([{ path: 'line_items.1.price', message: 'is no price' }]);
  expect([row('line_items')?.within, row('line_items.0')?.within, row('')?.issues]).toEqual([1, 0, []]);
});

it('tells what is missing where it should be', () => {
  const { rows } = jsonRows(ORDER, {
    ...shown,
    issues: [{ path: 'line_items.0.title', message: 'is missing' }],
  });
  expect(rows.find(({ path }) => path === 'line_items.0')?.issues).toHaveLength(1);
});

it('finds names and values, and opens the way to them', () => {
  const { rows, matches } = jsonRows(ORDER, { ...shown, search: 'uLM' });
  expect(matches).toBe(1);
  expect(rows.find(({ isMatch }) => isMatch)?.path).toBe('customer.address.city.name');
});
