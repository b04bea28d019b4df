import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProducer } from '@sluice/queue/testing';
import { makeDelivery, type RunningPipeline, runSluice, startPipeline } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ConnectionsFile, writeConnections } from './faults/connections-file.ts';

const FAST = { id: 'fast' };
const PAUSED = { id: 'paused' };
/** One event in ten seconds, so that a worker can be replaced while the second delivery waits. */
const SLOW = { id: 'slow', bot: 'slow-bot', eventsPerMinute: 6 };
/** Its deliveries die until it is configured. */
const ADDED = { id: 'added' };

let folder: string;
let connections: ConnectionsFile;
let pipeline: RunningPipeline;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-verdicts-'));
  connections = await writeConnections(folder, [FAST, PAUSED, SLOW]);
  pipeline = await startPipeline({ env: { SLUICE_CONNECTIONS: connections.path, LOG_LEVEL: 'debug' } });
});

afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true });
});

/** Enqueues deliveries of webhooks that arrived two minutes ago. */
async function enqueueOld(...ids: readonly string[]): Promise<void> {
  const producer = openProducer({
    ...{ redisUrl: pipeline.redis.url, prefix: '{sluice}', deadline: 5_000, maxPending: 100 },
    ...{ maxPendingBytes: 1e7, maxBacklog: 1_000, memoryWatermarkPercent: 100 },
    ...{ onShedding: () => {}, onError: () => {} },
  });
  await producer.reached;
  const receivedAt = Date.now() - 120_000;
  const deliveries = ids.map((connection) => makeDelivery({ connection, receivedAt }));
  await producer.enqueuer.enqueue(deliveries.map((delivery) => ({ delivery, deduplicationWindow: 60_000 })));
  await producer.close();
}

async function sluice(...args: readonly string[]): Promise<void> {
  const { ended } = await runSluice(args, pipeline.env);
  expect((await ended).code).toBe(0);
}

const attempted = (connection: string, outcome: string) =>
  pipeline.worker.lines.waitFor(
    (line) => line.msg === 'delivery.attempted' && line.connection === connection && line.outcome === outcome,
  );

/** Returns the verdicts of the running worker, and the number of waits that it recorded. */
async function verdicts() {
  const answer = await fetch(`${pipeline.worker.ready.metricsUrl}/metrics`);
  const text = await answer.text();
  const value = (series: string) =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(series))
        ?.split(' ')[1],
    );
  const of = (verdict: string) => value(`sluice_delivery_verdicts_total{verdict="${verdict}"}`);
  return { late: of('late'), apart: of('apart'), waits: value('sluice_pacing_wait_seconds_count') };
}

test('late events are apart if their deliveries were replayed or waited, also in another worker', async () => {
  await sluice('connections', 'pause', 'paused', '--note', 'a test');
  await enqueueOld('fast', 'paused', 'slow', 'slow', 'added');
  await Promise.all([
    attempted('fast', 'delivered'),
    attempted('paused', 'held'),
    attempted('slow', 'delivered'),
    attempted('slow', 'paced'),
    attempted('added', 'dead'),
  ]);
  expect(await verdicts()).toEqual({ late: 2, apart: 0, waits: 0 });
  await pipeline.worker.stop();

  await connections.write([FAST, PAUSED, SLOW, ADDED]);
  await pipeline.start('worker', 0);
  await sluice('connections', 'resume', 'paused');
  await sluice('replay', 'run', '--all');
  await Promise.all(['paused', 'slow', 'added'].map((connection) => attempted(connection, 'delivered')));
  expect(await verdicts()).toEqual({ late: 0, apart: 3, waits: 1 });
});
