import { describe, expect, it } from 'vitest';
import { describeFilter, filterOf, filterParams, selectionOf } from './filter.ts';

const QUERY =
  'id=dlv_1&id=dlv_2&connection=acme&reason=rejected&status=400&since=1790000000000&having=order_id%3D10%3D42&among=discarded&cursor=x&evil=1';

describe('filterOf', () => {
  it('converts URL parameters to a filter and ignores other parameters', () => {
    expect(filterOf(new URLSearchParams(QUERY))).toEqual({
      id: ['dlv_1', 'dlv_2'],
      ...{ connection: 'acme', reason: 'rejected', status: 400, since: 1_790_000_000_000 },
      having: [{ name: 'order_id', value: '10=42' }],
    });
  });

  it('passes invalid values on, so that the API reports them', () => {
    expect(filterOf(new URLSearchParams('status=many&having=order_id'))).toEqual({
      status: 'many',
      having: [{ name: 'order_id', value: '' }],
    });
  });

  it('omits parameters that are not filters', () => {
    expect([...filterParams(new URLSearchParams(QUERY)).keys()]).not.toContain('cursor');
  });
});

it('selects all dead letters explicitly', () => {
  expect(selectionOf({})).toEqual({ all: true });
  expect(selectionOf({ id: [] })).toEqual({ filter: { id: [] } });
});

it('describes a filter for people', () => {
  expect(describeFilter({})).toBe('all dead letters');
  expect(
    describeFilter({ connection: 'acme', reason: 'rejected', having: [{ name: 'a', value: 'b' }] }),
  ).toBe('connection acme, reason rejected by Botpress, a = b');
  expect(describeFilter({ id: ['dlv_1', 'dlv_2', 'dlv_3'] })).toBe('3 selected deliveries');
});
