import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConsoleRig } from '../test-support/console-rig.ts';

let rig: ConsoleRig;
let acme: string[];
let other: string[];

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery });
  acme = await rig.kill('acme', 7);
  const detail = {
    message: 'total is missing for ada@okafor.example',
    issues: [{ path: 'total', message: 'a' }],
  };
  other = await rig.kill(
    'other',
    2,
    { reason: 'invalid_event', detail },
    { source: 'linear', topic: 'Issue.create' },
  );
});

afterAll(() => rig.close());

interface Page {
  readonly letters: readonly { readonly id: string; readonly diedAt: number }[];
  readonly next?: string;
}

const list = async (query: string) => (await rig.get(`/api/dead-letters${query}`)).body as Page;
const idsOf = ({ letters }: Page) => letters.map(({ id }) => id).toSorted();

test('lists dead letters with their failure, its origin and a remedy', async () => {
  const { letters } = await list('?connection=acme&limit=1');
  expect(letters).toEqual([
    {
      id: expect.stringMatching(/^dlv_/),
      connection: 'acme',
      topic: 'orders/create',
      receivedAt: 1_790_000_000_000,
      diedAt: expect.any(Number),
      attempts: 1,
      death: {
        reason: 'rejected',
        faultOf: 'destination',
        remedy: expect.stringContaining('replay'),
        group: expect.stringMatching(/^[0-9a-f]{16}$/),
        message: 'no such event',
        status: 400,
        type: 'InvalidPayload',
        source: 'shopify',
      },
    },
  ]);
});

test('pages contain each dead letter once, in either order', async () => {
  for (const order of ['newest', 'oldest']) {
    const pages: Page[] = [];
    let cursor = '';
    do {
      const page = await list(`?limit=2&order=${order}${cursor}`);
      pages.push(page);
      cursor = page.next ? `&cursor=${page.next}` : '';
    } while (cursor);
    expect(pages.flatMap(idsOf).toSorted()).toEqual([...acme, ...other].toSorted());
    const times = pages.flatMap(({ letters }) => letters.map(({ diedAt }) => diedAt));
    const sorted = times.toSorted((one, two) => (order === 'newest' ? two - one : one - two));
    expect(times).toEqual(sorted);
  }
});

describe('filters', () => {
  test.each([
    ['?connection=other', () => other],
    ['?reason=rejected', () => acme],
    ['?connection=acme&reason=invalid_event', () => []],
  ])('select by %s', async (query, expected) => {
    expect(idsOf(await list(query))).toEqual(expected().toSorted());
  });

  test('select by a group', async () => {
    const { body } = await rig.get('/api/dead-letters/groups');
    const { groups } = body as { groups: { group: string; count: number }[] };
    expect(groups).toMatchObject([
      { count: 7, connection: 'acme', topic: 'orders/create', death: { reason: 'rejected' } },
      { count: 2, connection: 'other', death: { reason: 'invalid_event', issues: [{ path: 'total' }] } },
    ]);
    expect(idsOf(await list(`?group=${groups[1]?.group}`))).toEqual(other.toSorted());
  });
});

test('masks personal data in messages', async () => {
  const { text } = await rig.get('/api/dead-letters?connection=other');
  expect(text).toContain('total is missing for •••@•••');
  expect(text).not.toContain('okafor');
});

describe('an invalid query returns all of its issues', () => {
  test.each([
    ['?conection=acme', ['query']],
    ['?limit=501', ['query.limit']],
    ['?limit=0', ['query.limit']],
    ['?limit=1e2&order=up', ['query.order', 'query.limit']],
    ['?reason=bad&status=99', ['query.reason', 'query.status']],
    ['?group=xyz', ['query.group']],
    ['?connection=a&connection=b', ['query.connection']],
    ['?having=nothing', ['query.having.0.value']],
    ['?id=7', ['query.id.0']],
    ['?cursor=nonsense', ['query.cursor']],
    ['?since=yesterday', ['query.since']],
  ])('for %s', async (query, paths) => {
    const { status, body } = await rig.get(`/api/dead-letters${query}`);
    expect(status).toBe(400);
    const { issues } = body as { issues: { path: string }[] };
    expect(issues.map(({ path }) => path).toSorted()).toEqual(paths.toSorted());
    expect(body).toMatchObject({ type: 'urn:sluice:problem:invalid_request', status: 400 });
  });
});
