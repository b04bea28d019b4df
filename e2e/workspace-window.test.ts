import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProducer } from '@sluice/queue/testing';
import { makeDelivery, type RunningPipeline, startPipeline } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeConnections } from './faults/connections-file.ts';

/** Two bots, each of which may send far more than their workspace allows. */
const BOTS = [
  { id: 'one', bot: 'bot-1' },
  { id: 'two', bot: 'bot-2' },
];

/** Events of each bot. */
const EVENTS = 500;

/** Responses that are lost after the event was created. Each event is then looked up. */
const LOST = 60;

/** Events after which responses are lost: before, each connection is still limited to few concurrent calls. */
const PROVEN = 200;

const LIMIT = 100;

let folder: string;
let pipeline: RunningPipeline;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-window-'));
  const { path } = await writeConnections(folder, BOTS);
  pipeline = await startPipeline({
    workers: 2,
    env: { SLUICE_CONNECTIONS: path, SLUICE_WORKSPACE_CALLS_PER_SECOND: String(LIMIT) },
    sandboxEnv: { SLUICE_SANDBOX_WORKSPACE_CALLS_PER_SECOND: String(LIMIT) },
  });
});

afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true });
});

async function enqueue(): Promise<void> {
  const producer = openProducer({
    ...{ redisUrl: pipeline.redis.url, prefix: '{sluice}', deadline: 5_000, maxPending: 10_000 },
    ...{ maxPendingBytes: 1e8, maxBacklog: 100_000, memoryWatermarkPercent: 100 },
    ...{ onShedding: () => {}, onError: () => {} },
  });
  await producer.reached;
  const deliveries = Array.from({ length: EVENTS }, () =>
    BOTS.map(({ id }) => makeDelivery({ connection: id })),
  ).flat();
  await producer.enqueuer.enqueue(deliveries.map((delivery) => ({ delivery, deduplicationWindow: 60_000 })));
  await producer.close();
}

/** Returns the sum of a metric over both workers. */
async function sumOf(series: RegExp): Promise<number> {
  const texts = await Promise.all(
    pipeline.workers.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()),
  );
  const lines = texts.flatMap((text) => text.split('\n').filter((line) => series.test(line)));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** Returns the most calls within a second. The times are sorted. */
function busiest(times: readonly number[]): number {
  let from = 0;
  return times.reduce((most, time, to) => {
    while ((times[from] ?? 0) <= time - 1_000) from++;
    return Math.max(most, to - from + 1);
  }, 0);
}

test('two bots of one workspace never exceed 100 calls a second together, reads included', async () => {
  await enqueue();
  await pipeline.sandbox.waitFor({ distinct: PROVEN });
  await pipeline.sandbox.addFault({ kind: 'reset', when: 'after', times: LOST });
  await pipeline.sandbox.waitFor({ distinct: BOTS.length * EVENTS });
  const calls = await pipeline.sandbox.calls();
  const times = calls.map(({ at }) => at).sort((one, other) => one - other);
  const steady = times.slice(PROVEN);
  const seconds = ((steady.at(-1) ?? 0) - (steady[0] ?? 0)) / 1_000;
  const reads = await sumOf(/^sluice_workspace_reads_total\{.*purpose="lookup"/);
  const perSecond = (steady.length / seconds).toFixed(1);
  process.stdout.write(
    `${steady.length} events in ${seconds.toFixed(1)} s: ${perSecond} a second, at most ${busiest(times)}; ${reads} reads\n`,
  );

  expect(calls.filter(({ status }) => status === 429)).toEqual([]);
  expect(await sumOf(/^sluice_attempts_total\{.*reason="429"/)).toBe(0);
  expect(await sumOf(/^sluice_reconciliations_total\{result="(refused|unknown)"\}/)).toBe(0);
  expect(reads).toBeGreaterThan(0);
  expect(busiest(times)).toBeLessThanOrEqual(LIMIT);
  // On a busy machine the worker is slower than the window.
  expect(Number(perSecond)).toBeGreaterThan(LIMIT / 4);
  const { commits, doubled } = await pipeline.sandbox.ledger();
  expect({ commits, doubled }).toEqual({ commits: BOTS.length * EVENTS, doubled: {} });
  const first = calls.slice(0, EVENTS);
  const share = first.filter(({ botId }) => botId === 'bot-1').length / first.length;
  expect(Math.abs(share - 0.5)).toBeLessThan(0.1);
  expect(await sumOf(/^sluice_workspace_events\{.*period="month"/)).toBe(2 * BOTS.length * EVENTS);
}, 120_000);
