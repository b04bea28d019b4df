import { type RunningApp, type RunningPipeline, startPipeline } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startConsole } from './start-console.ts';

const CONNECTIONS = new URL('../config/connections.demo.yaml', import.meta.url).pathname;

interface Listed {
  readonly id: string;
  readonly source: string;
  readonly samples: readonly string[];
}

let pipeline: RunningPipeline;
let operators: RunningApp;

beforeAll(async () => {
  pipeline = await startPipeline({ env: { SLUICE_CONNECTIONS: CONNECTIONS } });
  operators = await startConsole({ ...pipeline.env, SLUICE_INGEST_URL: pipeline.ingest.url });
});

afterAll(async () => {
  await operators.stop();
  await pipeline.stop();
});

async function ask(path: string, body?: object): Promise<unknown> {
  const init = body
    ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    : {};
  const answer = await fetch(`${operators.url}${path}`, init);
  expect(answer.status).toBe(200);
  return answer.json();
}

test('a test webhook of every sample of every connection is processed like one of the platform', async () => {
  const { connections } = (await ask('/api/connections')) as { connections: readonly Listed[] };
  const tested = connections.filter(({ samples }) => samples.length > 0);
  expect(new Set(tested.map(({ source }) => source))).toEqual(
    new Set(['shopify', 'linear', 'telegram', 'whatsapp', 'standard-webhooks']),
  );
  for (const { id, samples } of tested) {
    for (const topic of samples) {
      const { status } = (await ask(`/api/connections/${id}/test`, { note: 'x', topic })) as {
        status: number;
      };
      expect(status, `${id} ${topic}`).toBe(200);
    }
  }
  const first = await ask('/api/connections/demo-shopify/test', { note: 'again' });
  expect(first).toMatchObject({ result: expect.stringMatching(/accepted|duplicate/) });
  const { deliveries } = first as { deliveries: readonly string[] };
  expect(await ask(`/api/deliveries/${deliveries[0]}/event`)).toMatchObject({
    ok: true,
    event: 'newOrderCreated',
  });
});
