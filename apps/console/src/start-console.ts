import { setTimeout as pause } from 'node:timers/promises';
import { type ConsoleSettings, loadSourceRegistry, watchConnections } from '@sluice/config';
import { type Health, type Logger, listen } from '@sluice/observability';
import { describeApi } from './api/open-api.ts';
import { type OpenBackend, openBackend } from './backend.ts';
import { createConsoleMetrics } from './console-metrics.ts';
import { createConsoleServer } from './create-console-server.ts';
import { RATE_LIMITS, type RateLimits } from './guards/rate-limits.ts';
import { startNotifications } from './notifications/start-notifications.ts';
import { operations } from './operations/all-operations.ts';
import { watchRates } from './overview/watch-rates.ts';
import { PAGE_FOLDER } from './page/page-folder.ts';
import { ReplayWatch } from './replay-watch.ts';
import { readSluiceVersion } from './sluice-version.ts';
import { viewSettings } from './views/settings.ts';

export interface RunningConsole {
  readonly url: string;
  /** Ends streams, finishes requests that are under way, and closes everything. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly logger: Logger;
  readonly rateLimits?: RateLimits;
  /** The folder of the page's build. */
  readonly page?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Milliseconds. A Redis that is there is reached within some. */
const REACH_WITHIN = 2_000;

/** Starts the console. It listens also while Redis is away, and answers 503 then. */
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
    onError: tellOnce(logger),
  });
  const rates = watchRates({ ledger: backend.ledger, reached: backend.reached, now });
  const replayWatch = new ReplayWatch(backend.replays);
  const notifications = startNotifications({
    settings: settings.notifications,
    sources: backend,
    logger,
    now,
  });
  const document = describeApi(operations);
  const server = createConsoleServer({
    context: {
      ...backend,
      connections: () => connections.current,
      signIn: settings.tokens.length > 0 ? 'token' : 'none',
      settings: viewSettings(settings, readSluiceVersion()),
      edge: { publicUrl: settings.publicUrl, ingestUrl: settings.ingestUrl },
      rates,
      now,
      replayWatch,
      document: () => document,
    },
    tokens: settings.tokens,
    rateLimits,
    metrics: createConsoleMetrics(),
    page,
    now,
    ready: () => readiness(backend),
    logger,
  });
  // The first requests should not meet a console that is still on its way to Redis.
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
      notifications.close();
      server.closeIdleConnections();
      await closed;
      connections.close();
      await backend.close();
    },
  };
}

/** Milliseconds for which the same trouble is told once: every connection has it, again and again. */
const TOLD_FOR = 10_000;

function tellOnce(logger: Logger): (error: Error) => void {
  const told = new Map<string, number>();
  return ({ message }) => {
    const now = performance.now();
    for (const [text, at] of told) if (now - at > TOLD_FOR) told.delete(text);
    if (told.has(message)) return;
    told.set(message, now);
    logger.warn({ error: message }, 'redis.error');
  };
}

async function readiness({ queue }: OpenBackend): Promise<Health> {
  const state = await queue.read().catch(() => undefined);
  return state ? { ok: true } : { ok: false, why: 'Redis does not answer' };
}
