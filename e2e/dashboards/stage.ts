import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningApp, type RunningPipeline, startPipeline } from '@sluice/testing';
import { writeConnections } from '../faults/connections-file.ts';
import { startConsole } from '../start-console.ts';
import { type RunningPrometheus, startPrometheus } from './start-prometheus.ts';

/** A pipeline with a console, and a Prometheus that scrapes all of them every second. */
export interface Stage {
  readonly pipeline: RunningPipeline;
  readonly console: RunningApp;
  readonly prometheus: RunningPrometheus;
  stop(): Promise<void>;
}

/** Connections, by their failure. */
const CONNECTIONS = [
  { id: 'acme', bot: 'acme-bot' },
  { id: 'slow', bot: 'slow-bot', eventsPerMinute: 300 },
  { id: 'revoked', bot: 'revoked-bot' },
  { id: 'refused', bot: 'refused-bot' },
];

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-dashboards-'));
  const { path } = await writeConnections(folder, CONNECTIONS);
  const env = { SLUICE_CONNECTIONS: path, SLUICE_API_TIMEOUT_MS: '1000', SLUICE_SETTLE_MS: '2000' };
  const pipeline = await startPipeline({ env, workers: 2, redisArgs: ['--maxmemory', '256mb'] });
  const operators = await startConsole(pipeline.env);
  const prometheus = await startPrometheus({
    everySeconds: 1,
    targets: {
      'sluice-ingest': pipeline.ingests.map(({ ready }) => String(ready.metricsUrl)),
      'sluice-worker': pipeline.workers.map(({ url }) => url),
      'sluice-console': [operators.url],
    },
  });
  return {
    pipeline,
    console: operators,
    prometheus,
    async stop() {
      await prometheus.stop();
      await operators.stop();
      await pipeline.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
