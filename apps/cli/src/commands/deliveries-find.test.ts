import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { QueueRig } from '../test-support/queue-rig.ts';
import { run } from '../test-support/recording.ts';

let rig: QueueRig;

beforeAll(async () => {
  rig = await QueueRig.open({ startRedis });
});

beforeEach(async () => {
  await rig.reset(vi);
  const bodies = ['{"id":1042,"email":"jo@example.com"}', '{"id":7,"email":"jo@example.com"}'];
  await rig.enqueue(...bodies.map((body) => makeDelivery({ body })));
});

afterEach(() => {
  vi.unstubAllEnvs();
});

afterAll(() => rig.close());

test('shows in a line each what was found', async () => {
  const { code, out } = await run('deliveries', 'find', 'order_id=1042');
  expect(code).toBe(0);
  expect(out).toMatch(
    /^ID +CONNECTION +TOPIC +STATE +SINCE +EVENT +REASON\ndlv_\S+ +acme-orders +orders\/create +waiting +2026\S+ +- +-$/,
  );
});

test('finds what has all of the values, as many as are asked for', async () => {
  const idsOf = async (...args: string[]) => {
    const { out } = await run('deliveries', 'find', ...args, '--json');
    return (JSON.parse(out) as { deliveries: { id: string }[] }).deliveries.map(({ id }) => id);
  };
  const both = await idsOf('email=jo@example.com');
  expect(both).toHaveLength(2);
  expect(await idsOf('email=jo@example.com', '--limit', '1')).toEqual(both.slice(0, 1));
  expect(await idsOf('email=jo@example.com', 'id=7')).toHaveLength(1);
});

test('of none says so, and why that may be', async () => {
  const { code, out, err } = await run('deliveries', 'find', 'order_id=1043', 'email=jo@example.com');
  expect([code, out]).toEqual([1, '']);
  expect(err).toBe(
    'no delivery has order_id=1043 email=jo@example.com  — of those delivered only the newest are kept, as many as SLUICE_KEEP_DELIVERED says',
  );
});

test('wants to be told what to find', async () => {
  expect(await run('deliveries', 'find')).toMatchObject({ code: 2 });
  expect(await run('deliveries', 'find', '1042')).toMatchObject({ code: 2 });
});
