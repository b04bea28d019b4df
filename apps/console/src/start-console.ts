import { setTimeout as pause } from 'node:timers/promises';
import { type ConsoleSettings, loadSourceRegistry, watchConnections } from '@sluice/config';
import { type Health, type Logger, listen, toHealth } from '@sluice/observability';
import { type OpenBackend, openBackend } from './backend.ts';
import { RATE_LIMITS, type RateLimits } from './guards/rate-limits.ts';
import { startNotifier } from './notifications/notifier.ts';
import { watchRates } from './overview/watch-rates.ts';
import { PAGE_FOLDER } from './page/serve-page.ts';
import { describeConsoleApi } from './reference/describe-console-api.ts';
import { ReplayWatch } from './replay-watch.ts';
import { createConsoleMetrics, createConsoleServer } from './server.ts';
import { viewSettings } from './settings.ts';

export interface RunningConsole {
  readonly url: string;
  /** Ends event streams, completes pending requests and closes all connections. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly logger: Logger;
  readonly rateLimits?: RateLimits;
  /** Folder of the built page. */
  readonly page?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Milliseconds. An available Redis is reached much earlier. */
const REACH_WITHIN = 2_000;

/** Starts the console. Without Redis it starts as well, and answers with 503. */
export async function startConsole(
  settings: ConsoleSettings,
  { logger, rateLimits = RATE_LIMITS, page = PAGE_FOLDER, now = Date.now }: StartOptions,
): Promise<RunningConsole> {
  const registry = await loadSourceRegistry(settings.connectionsPath);
  const connections = watchConnections(settings.connectionsPath, {
    registry,
    onReloaded: ({ size }) => logger.info({ connections: size }, 'connections.reloaded'),
    onRejected: (error) => logger.error({ problems: error.problems }, 'connections.reload_failed'),
  });
  const backend = openBackend({
    url: settings.redis.url.reveal(),
    prefix: settings.redis.queuePrefix,
    shards: settings.redis.shards,
    onError: logRedisErrors(logger),
  });
  const rates = watchRates({ ledger: backend.ledger, reached: backend.reached, now });
  const replayWatch = new ReplayWatch(backend.replays);
  const notifier = startNotifier({ settings: settings.notifications, sources: backend, logger, now });
  const server = createConsoleServer({
    context: {
      ...backend,
      connections: () => connections.current,
      signIn: settings.tokens.length > 0 ? 'token' : 'none',
      settings: viewSettings(settings),
      edge: { publicUrl: settings.publicUrl, ingestUrl: settings.ingestUrl },
      rates,
      now,
      replayWatch,
      openApi: describeConsoleApi(),
    },
    tokens: settings.tokens,
    rateLimits,
    metrics: createConsoleMetrics(),
    page,
    now,
    ready: () => readiness(backend),
    logger,
  });
  // Otherwise the first requests could get a 503 while the console connects to Redis.
  await Promise.race([backend.reached, pause(REACH_WITHIN, undefined, { ref: false })]);
  const url = await listen(server, {
    host: settings.host,
    port: settings.port,
    variable: 'SLUICE_CONSOLE_PORT',
  });
  return {
    url,
    async close() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      replayWatch.close();
      rates.close();
      notifier.close();
      server.closeIdleConnections();
      await closed;
      connections.close();
      await backend.close();
    },
  };
}

/** Milliseconds in which the same error is logged once, because every connection to Redis reports it repeatedly. */
const REPEAT_AFTER = 10_000;

function logRedisErrors(logger: Logger): (error: Error) => void {
  const logged = new Map<string, number>();
  return ({ message }) => {
    const now = performance.now();
    for (const [text, at] of logged) if (now - at > REPEAT_AFTER) logged.delete(text);
    if (logged.has(message)) return;
    logged.set(message, now);
    logger.warn({ error: message }, 'redis.error');
  };
}

async function readiness({ stats }: OpenBackend): Promise<Health> {
  const counts = await stats.readCounts().catch(() => undefined);
  return toHealth(counts ? undefined : 'Redis does not answer');
}
