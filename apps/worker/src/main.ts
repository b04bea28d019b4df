import { readWorkerSettings } from '@sluice/config';
import { createLogger, runApp } from '@sluice/observability';
import { unverifiedBullmq } from '@sluice/queue';
import { runWorker } from './worker.ts';

runApp('worker', async () => {
  const settings = readWorkerSettings();
  const logger = createLogger('worker', settings.log);
  const unverified = unverifiedBullmq();
  if (unverified) logger.warn(unverified, 'bullmq.version_unverified');
  await runWorker(settings, logger);
});
