import { fileURLToPath } from 'node:url';
import { type LogLine, type RunningApp, startPipeline } from '@sluice/testing';
import { expect, test } from 'vitest';

const HOOK = fileURLToPath(new URL('unverified-bullmq.cjs', import.meta.url));

const isWarning = ({ msg }: LogLine) => msg === 'bullmq.version_unverified';
const warnings = (app: RunningApp) => app.lines.seen.filter(isWarning);

test('worker and ingest log one line if the installed BullMQ was not tested with this Sluice', async () => {
  const pipeline = await startPipeline({
    nodeArgs: ['--require', HOOK],
    env: { SLUICE_INGEST_PROCESSES: '2' },
  });
  const apps = [pipeline.worker, pipeline.ingest];
  await Promise.all(apps.map((app) => app.lines.waitFor(isWarning)));
  await pipeline.stop();
  for (const app of apps) {
    const verified = [expect.stringMatching(/^6\./)];
    expect(warnings(app)).toMatchObject([{ level: 'warn', installed: '6.99.0', verified }]);
  }
});

test('worker and ingest log no such line with the BullMQ of this Sluice', async () => {
  const pipeline = await startPipeline();
  await pipeline.stop();
  for (const app of [pipeline.worker, pipeline.ingest]) expect(warnings(app)).toEqual([]);
});
