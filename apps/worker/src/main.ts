import { readWorkerSettings } from '@sluice/config';
import { createLogger, runApp } from '@sluice/observability';
import { runWorker } from './worker.ts';

runApp('worker', async () => {
  const settings = readWorkerSettings();
  await runWorker(settings, createLogger('worker', settings.log));
});
