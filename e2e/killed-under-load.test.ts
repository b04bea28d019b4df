import {
  compareLedgers,
  type RunningPipeline,
  sendLikeAPlatform,
  startPipeline,
  waitUntilCreated,
} from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orders } from './shopify-orders.ts';

/** Short, so that the deliveries of a killed worker are retried within seconds. */
const env = {
  SLUICE_API_TIMEOUT_MS: '1000',
  SLUICE_STALLED_INTERVAL_MS: '1000',
  SLUICE_SETTLE_MS: '3000',
};
const ORDERS = 1_500;

let pipeline: RunningPipeline;

beforeAll(async () => {
  pipeline = await startPipeline({ env });
});

afterAll(() => pipeline.stop());

test('every accepted order becomes an event although ingest and worker are killed under load', async () => {
  let restarts = Promise.resolve();
  const ledger = await sendLikeAPlatform(orders(ORDERS), {
    url: () => pipeline.webhookUrl(),
    concurrency: 20,
    onAccepted: (count) => {
      if (count % 500 === 200) restarts = restarts.then(() => pipeline.restart('ingest'));
      if (count % 500 === 400) restarts = restarts.then(() => pipeline.restart('worker'));
    },
  });
  await restarts;
  await waitUntilCreated(ledger, pipeline.sandbox);
  const comparison = await compareLedgers(ledger, pipeline.sandbox);
  process.stdout.write(
    `killed under load: ${JSON.stringify({ ...comparison, answers: [...ledger.responses] })}\n`,
  );
  expect(comparison).toMatchObject({ accepted: ORDERS, created: ORDERS, lost: [], unacknowledged: 0 });
  // An attempt interrupted by a kill may have created its event: reconciliation finds it instead of a resend.
  expect(comparison.extra).toBe(0);
  expect(ledger.responses.get(0)).toBeGreaterThan(0);
});
