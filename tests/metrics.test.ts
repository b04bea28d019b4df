import { type RunningPipeline, startPipeline } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

let pipeline: RunningPipeline;

beforeAll(async () => {
  pipeline = await startPipeline();
});

afterAll(() => pipeline.stop());

const metricsOf = async () => {
  const answer = await fetch(`${pipeline.worker.ready.metricsUrl}/metrics`, {
    signal: AbortSignal.timeout(10_000),
  });
  return answer.text();
};

test('the worker tells its metrics while Redis is away', async () => {
  expect(await metricsOf()).toContain('sluice_connection_state{connection="demo-shopify"} 0');
  pipeline.redis.signal('SIGKILL');
  await pipeline.worker.lines.waitFor(({ error }) => String(error).includes('ECONNREFUSED'));
  expect(await metricsOf()).toContain('sluice_attempts_total');
  await pipeline.redis.restart();
});
