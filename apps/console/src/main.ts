import { readConsoleSettings } from '@sluice/config';
import { createLogger, runApp, shutDownOnSignal } from '@sluice/observability';
import { startConsole } from './start-console.ts';

runApp('console', async () => {
  const settings = readConsoleSettings();
  const logger = createLogger('console', settings.log);
  const running = await startConsole(settings, { logger });
  logger.info({ url: running.url, tokens: settings.tokens.length }, 'console.started');
  shutDownOnSignal({ logger, deadline: settings.drainMs, drain: running.close });
});
