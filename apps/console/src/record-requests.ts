import type { Logger } from '@sluice/observability';
import type { RequestHandler } from 'express';
import type { ConsoleMetrics } from './console-metrics.ts';
import { notesOf } from './request-notes.ts';

/** Of requests that fit no route, or were refused before. */
const NO_ROUTE = 'none';

/** Methods that are told by name. Node's parser takes a closed list, but nobody needs the others. */
const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);

/** Asked every few seconds by machines. */
const PROBES = new Set(['/healthz', '/readyz', '/startedz', '/metrics']);

/** Tells of each request when it is over: one line and one count. Nothing of what it said itself is in them. */
export function recordRequests(logger: Logger, { requests }: ConsoleMetrics): RequestHandler {
  return (request, response, next) => {
    const start = performance.now();
    response.once('close', () => {
      const { route = NO_ROUTE, who } = notesOf(request);
      const status = response.statusCode;
      requests.inc({ route, status });
      const line = {
        method: METHODS.has(request.method) ? request.method : 'other',
        route,
        status,
        ms: Math.round(performance.now() - start),
        ...(who ? { who: who.name } : {}),
        // Its reader has gone, or it failed in the midst.
        ...(response.writableFinished ? {} : { cut: true }),
      };
      if (PROBES.has(route)) logger.debug(line, 'console.answered');
      else if (status >= 500) logger.warn(line, 'console.answered');
      else logger.info(line, 'console.answered');
    });
    next();
  };
}
