import { createServer, type Server } from 'node:http';
import type { ConsoleToken } from '@sluice/config';
import { type Health, type Logger, sendHealth } from '@sluice/observability';
import express, { type RequestHandler } from 'express';
import { answerError } from './answer-error.ts';
import { mountOperations } from './api/mount-operations.ts';
import type { ConsoleMetrics } from './console-metrics.ts';
import type { ConsoleContext } from './context.ts';
import { authenticate, requireRole } from './guards/authenticate.ts';
import { KnownTokens } from './guards/known-tokens.ts';
import { refuseCrossSite, requireLoopbackHost } from './guards/origin.ts';
import { FailedSignIns, limitRequests, type RateLimits } from './guards/rate-limits.ts';
import { securityHeaders } from './guards/security-headers.ts';
import { operations } from './operations/all-operations.ts';
import { servePage } from './page/serve-page.ts';
import { Problem } from './problem.ts';
import { RAW_QUEUE, serveRawQueue } from './raw-queue/serve-raw-queue.ts';
import { recordRequests } from './record-requests.ts';
import { notesOf } from './request-notes.ts';
import { serveSessions } from './sign-in/serve-sessions.ts';
import { Sessions } from './sign-in/sessions.ts';

export interface ConsoleServerOptions {
  readonly context: ConsoleContext;
  /** Without any, everyone is operator; the console then listens on loopback only. */
  readonly tokens: readonly ConsoleToken[];
  readonly rateLimits: RateLimits;
  readonly metrics: ConsoleMetrics;
  /** The folder of the page's build. */
  readonly page: string;
  /** Milliseconds of a clock. */
  readonly now: () => number;
  readonly ready: () => Promise<Health>;
  readonly logger: Logger;
}

/** Milliseconds. An import of 100,000 dead letters has 800 MB. */
const LONGEST_UPLOAD = 600_000;

/** Makes the server of the console. Not started. */
export function createConsoleServer(options: ConsoleServerOptions): Server {
  const { context, tokens, rateLimits, metrics, logger } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const failures = new FailedSignIns(rateLimits.failedSignIns);
  const known = tokens.length > 0 ? new KnownTokens(tokens) : undefined;
  const sessions = new Sessions(options.now);
  const means = { tokens: known, failures, sessions };
  const signIn = authenticate(means);

  app.use(securityHeaders(), recordRequests(logger, metrics));
  // What answers lives, and has started. Whether it is ready costs Redis two round trips, so that is limited.
  for (const route of ['/healthz', '/startedz']) {
    app.get(route, noted(route), (_request, response) => sendHealth(response, { ok: true }));
  }
  app.use(limitRequests(rateLimits.requests));
  if (!known) app.use(requireLoopbackHost());
  app.use(servePage(options.page), refuseCrossSite());
  app.get('/readyz', noted('/readyz'), async (_request, response) =>
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
  app.use('/api', serveSessions({ ...means, audit: context.audit, logger }));
  app.use('/api', signIn, mountOperations(operations, context));
  app.use(() => {
    throw new Problem('not_found', 'GET /api/openapi.json tells what there is');
  });
  app.use(answerError(logger));

  const server = createServer({ headersTimeout: 5_000, requestTimeout: LONGEST_UPLOAD }, app);
  server.once('close', () => failures.close());
  return server;
}

function noted(route: string): RequestHandler {
  return (request, _response, next) => {
    notesOf(request).route = route;
    next();
  };
}
