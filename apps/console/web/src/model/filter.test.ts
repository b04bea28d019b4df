import { describe, expect, it } from 'vitest';
import { describeFilter, filterOf, filterParams, selectionOf } from './filter.ts';

const ADDRESS =
  'id=dlv_1&id=dlv_2&connection=acme&reason=rejected&status=400&since=1790000000000&having=order_id%3D10%3D42&among=discarded&cursor=x&evil=1';

describe('filterOf', () => {
  it('makes the body’s filter of an address, and of nothing else in it', () => {
    expect(filterOf(new URLSearchParams(ADDRESS))).toEqual({
      id: ['dlv_1', 'dlv_2'],
      ...{ connection: 'acme', reason: 'rejected', status: 400, since: 1_790_000_000_000 },
      having: [{ name: 'order_id', value: '10=42' }],
    });
  });

  it('leaves what is wrong to the API, which says so', () => {
    expect(filterOf(new URLSearchParams('status=many&having=order_id'))).toEqual({
      status: 'many',
      having: [{ name: 'order_id', value: '' }],
    });
  });

  it('keeps the page’s own parameters out of the list’s', () => {
    expect([...filterParams(new URLSearchParams(ADDRESS)).keys()]).not.toContain('cursor');
  });
});

it('asks for all dead letters by name only', () => {
  expect(selectionOf({})).toEqual({ all: true });
  expect(selectionOf({ id: [] })).toEqual({ filter: { id: [] } });
});

it('tells a filter in words', () => {
  expect(describeFilter({})).toBe('all dead letters');
  expect(
    describeFilter({ connection: 'acme', reason: 'rejected', having: [{ name: 'a', value: 'b' }] }),
  ).toBe('connection acme, reason rejected by Botpress, a = b');
  expect(describeFilter({ id: ['dlv_1', 'dlv_2', 'dlv_3'] })).toBe('3 deliveries, chosen one by one');
});
