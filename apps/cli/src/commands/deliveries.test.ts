import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { QueueRig } from '../test-support/queue-rig.ts';
import { run } from '../test-support/run.ts';

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

test('shows each match in one line', async () => {
  const { code, out } = await run('deliveries', 'find', 'order_id=1042');
  expect(code).toBe(0);
  expect(out).toMatch(
    /^ID +CONNECTION +TOPIC +STATE +SINCE +EVENT +REASON\ndlv_\S+ +acme-orders +orders\/create +waiting +2026\S+ +- +-$/,
  );
});

test('finds deliveries that match all values, up to the limit', async () => {
  const idsOf = async (...args: string[]) => {
    const { out } = await run('deliveries', 'find', ...args, '--json');
    return (JSON.parse(out) as { deliveries: { id: string }[] }).deliveries.map(({ id }) => id);
  };
  const both = await idsOf('email=jo@example.com');
  expect(both).toHaveLength(2);
  expect(await idsOf('email=jo@example.com', '--limit', '1')).toEqual(both.slice(0, 1));
  expect(await idsOf('email=jo@example.com', 'id=7')).toHaveLength(1);
});

test('reports that nothing matches, and a possible cause', async () => {
  const { code, out, err } = await run('deliveries', 'find', 'order_id=1043', 'email=jo@example.com');
  expect([code, out]).toEqual([1, '']);
  expect(err).toBe(
    'No delivery with order_id=1043 email=jo@example.com. Of delivered ones, only the newest are kept (SLUICE_KEEP_DELIVERED).',
  );
});

test('requires a payload value', async () => {
  expect(await run('deliveries', 'find')).toMatchObject({ code: 2 });
  expect(await run('deliveries', 'find', '1042')).toMatchObject({ code: 2 });
});
