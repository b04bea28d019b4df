import { createServer, type Server } from 'node:http';
import type { ConsoleToken } from '@sluice/config';
import {
  type Counter,
  createCounter,
  createMetricsRegistry,
  type Health,
  type Logger,
  type Registry,
  sendHealth,
} from '@sluice/observability';
import express, { type RequestHandler } from 'express';
import { mountOperations } from './api/router.ts';
import type { ConsoleContext } from './context.ts';
import { rejectCrossSite, requireLoopbackHost, securityHeaders } from './guards/cross-site.ts';
import { FailedSignIns, limitRequests, type RateLimits } from './guards/rate-limits.ts';
import { handleErrors } from './http/error-handler.ts';
import { Problem } from './http/problem.ts';
import { detailsOf, requireRole, setRoute } from './http/request-details.ts';
import { operations } from './operations/index.ts';
import { servePage } from './page/serve-page.ts';
import { RAW_QUEUE, serveRawQueue } from './raw-queue/serve-raw-queue.ts';
import { authenticate, KnownTokens } from './sign-in/authenticate.ts';
import { serveSessions } from './sign-in/serve-sessions.ts';
import { Sessions } from './sign-in/sessions.ts';

interface ConsoleMetrics {
  readonly registry: Registry;
  /** Routes are counted as declared. */
  readonly requests: Counter<'route' | 'status'>;
}

export function createConsoleMetrics(): ConsoleMetrics {
  const registry = createMetricsRegistry();
  return { registry, requests: createCounter(registry, 'sluice_console_requests_total') };
}

export interface ConsoleServerOptions {
  readonly context: ConsoleContext;
  /** Without tokens, every user is an operator and the console listens on loopback only. */
  readonly tokens: readonly ConsoleToken[];
  readonly rateLimits: RateLimits;
  readonly metrics: ConsoleMetrics;
  /** Folder of the built page. */
  readonly page: string;
  /** Clock in milliseconds. */
  readonly now: () => number;
  readonly ready: () => Promise<Health>;
  readonly logger: Logger;
}

/** An import of 100,000 dead letters has 800 MB. */
const REQUEST_TIMEOUT_MS = 600_000;

/** Creates the server of the console, not yet listening. */
export function createConsoleServer(options: ConsoleServerOptions): Server {
  const { context, tokens, rateLimits, metrics, logger } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const authentication = {
    tokens: tokens.length > 0 ? new KnownTokens(tokens) : undefined,
    failures: new FailedSignIns(rateLimits.failedSignIns),
    sessions: new Sessions(options.now),
  };
  const signIn = authenticate(authentication);

  app.use(securityHeaders(), recordRequests(logger, metrics));
  // Not rate-limited: a response proves liveness. Readiness costs Redis two round trips, so it is limited.
  for (const route of ['/healthz', '/startedz']) {
    app.get(route, setRoute(route), (_request, response) => sendHealth(response, { ok: true }));
  }
  app.use(limitRequests(rateLimits.requests));
  if (!authentication.tokens) app.use(requireLoopbackHost());
  app.use(servePage(options.page), rejectCrossSite());
  app.get('/readyz', setRoute('/readyz'), async (_request, response) =>
    sendHealth(response, await options.ready()),
  );
  app.get('/metrics', signIn, requireRole('viewer', '/metrics'), async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  app.use(
    RAW_QUEUE,
    signIn,
    requireRole('operator', RAW_QUEUE),
    serveRawQueue({ queues: context.rawQueues, audit: context.audit }),
  );
  app.use('/api', serveSessions({ ...authentication, audit: context.audit, logger }));
  app.use('/api', signIn, mountOperations(operations, context));
  app.use(() => {
    throw new Problem('not_found', 'No such route. GET /api/openapi.json lists the operations.');
  });
  app.use(handleErrors(logger));

  const server = createServer({ headersTimeout: 5_000, requestTimeout: REQUEST_TIMEOUT_MS }, app);
  server.once('close', () => authentication.failures.close());
  return server;
}

/** Route of requests without a matching route, or rejected before. */
const NO_ROUTE = 'none';

/** Methods logged by name. Node.js accepts a closed list, whose other methods the console does not use. */
const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);

/** Requested every few seconds by probes and Prometheus. */
const PROBES = new Set(['/healthz', '/readyz', '/startedz', '/metrics']);

/** Logs and counts each completed request, without values from the request. */
function recordRequests(logger: Logger, { requests }: ConsoleMetrics): RequestHandler {
  return (request, response, next) => {
    const start = performance.now();
    response.once('close', () => {
      const { route = NO_ROUTE, user } = detailsOf(request);
      const status = response.statusCode;
      requests.inc({ route, status });
      const line = {
        method: METHODS.has(request.method) ? request.method : 'other',
        route,
        status,
        ms: Math.round(performance.now() - start),
        ...(user ? { who: user.name } : {}),
        // The client closed the connection, or an error ended the response.
        ...(response.writableFinished ? {} : { cut: true }),
      };
      if (PROBES.has(route)) logger.debug(line, 'request.completed');
      else if (status >= 500) logger.warn(line, 'request.completed');
      else logger.info(line, 'request.completed');
    });
    next();
  };
}
