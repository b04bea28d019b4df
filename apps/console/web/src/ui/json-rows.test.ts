import { expect, it } from 'vitest';
import { toJsonNode } from '../model/json-text.ts';
import { toJsonRows } from './json-rows.ts';

const ORDER = toJsonNode({
  id: 1,
  customer: { address: { city: { name: 'Ulm' } } },
  line_items: [{ price: '1.00' }, { price: 'dear' }],
});
const shown = { toggled: new Map<string, boolean>(), issues: [], search: '' };
const pathsOf = (options: Partial<Parameters<typeof toJsonRows>[1]>) =>
  toJsonRows(ORDER, { ...shown, ...options }).rows.map(({ path }) => path);

it('opens two levels initially', () => {
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

it('opens and closes rows that the user toggled', () => {
  expect(pathsOf({ toggled: new Map([['1', false]]) })).not.toContain('customer.address');
  expect(pathsOf({ toggled: new Map([['', false]]) })).toEqual(['']);
});

it('opens the ancestors of an issue and shows the issue at its field', () => {
  const { rows } = toJsonRows(ORDER, {
    ...shown,
    issues: [{ path: 'line_items.1.price', message: 'Invalid price' }],
  });
  const row = (path: string) => rows.find((one) => one.path === path);
  expect(row('line_items.1.price')?.issues).toEqual([
    { path: 'line_items.1.price', message: 'Invalid price' },
  ]);
  expect([row('line_items')?.issuesInside, row('line_items.0')?.issuesInside, row('')?.issues]).toEqual([
    1,
    0,
    [],
  ]);
});

it('shows the issue of a missing member at its parent', () => {
  const { rows } = toJsonRows(ORDER, {
    ...shown,
    issues: [{ path: 'line_items.0.title', message: 'Required' }],
  });
  expect(rows.find(({ path }) => path === 'line_items.0')?.issues).toHaveLength(1);
});

it('finds names and values and opens their ancestors', () => {
  const { rows, matches } = toJsonRows(ORDER, { ...shown, search: 'uLM' });
  expect(matches).toBe(1);
  expect(rows.find(({ isMatch }) => isMatch)?.path).toBe('customer.address.city.name');
});
