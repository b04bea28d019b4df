import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningPipeline, runSluice, startPipeline } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { orders } from './shopify-orders.ts';

/** Deliveries whose first answer is lost after the event was created. */
const LOST = 20;
/** Milliseconds until an event must be listed. */
const SETTLE = 2_500;

let pipeline: RunningPipeline;
let folder: string;
/** A connections file with an integration that may send any type. */
let probing: string;

beforeAll(async () => {
  pipeline = await startPipeline({
    env: { SLUICE_API_TIMEOUT_MS: '1000', SLUICE_SETTLE_MS: String(SETTLE) },
  });
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-lost-'));
  probing = join(folder, 'connections.json');
  const botpress = { botId: 'demo-bot', integrationId: 'anything', token: 'token' };
  const connection = { id: 'probe', source: 'linear', secrets: ['secret'], botpress };
  await writeFile(probing, JSON.stringify({ connections: [connection] }));
});

afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true });
});

afterEach(async () => {
  await pipeline.sandbox.clearFaults();
  await fetch(`${pipeline.sandbox.url}/sandbox/modes`, { method: 'DELETE' });
});

/** Resolves when the worker has delivered as many deliveries. */
function delivered(count: number): Promise<void> {
  return new Promise((resolve) => {
    let left = count;
    const stop = pipeline.worker.lines.listen(({ msg, outcome }) => {
      if (msg !== 'delivery.attempted' || outcome !== 'delivered') return;
      left -= 1;
      if (left > 0) return;
      stop();
      resolve();
    });
  });
}

test.each([
  ['an API that lists types as sent', { eventType: 'bare' }, false],
  ['an API that lists types with the name of the integration', { eventType: 'prefixed' }, false],
  ['such an API that ignores pageSize', { eventType: 'prefixed', pageSize: 'ignored' }, false],
  ['such an API after a probe', { eventType: 'prefixed', pageSize: 'ignored' }, true],
  ['an API that lists events after the settle time, after a probe', { listingDelayMs: SETTLE + 1_500 }, true],
])('no event is created twice by %s', async (_name, modes, isProbed) => {
  const { sandbox } = pipeline;
  await sandbox.setModes(modes);
  if (isProbed) {
    const argv = ['connections', 'check', '--connections', probing, '--probe', '--yes'];
    const { code, stderr } = await (await runSluice(argv, pipeline.env)).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }
  await sandbox.reset();
  await sandbox.addFault({ kind: 'reset', when: 'after', times: LOST });
  const all = delivered(LOST);
  for (const order of orders(LOST)) {
    const headers = {
      ...order.headers,
      'x-shopify-event-id': `${_name} ${order.headers['x-shopify-event-id']}`,
    };
    const response = await fetch(pipeline.webhookUrl(), { method: 'POST', body: order.body, headers });
    expect(await response.json()).toMatchObject({ result: 'accepted' });
  }
  await all;
  expect(await sandbox.ledger()).toMatchObject({ commits: LOST, distinct: LOST, doubled: {} });
});
