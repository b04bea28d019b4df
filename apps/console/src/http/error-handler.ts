import type { Logger } from '@sluice/observability';
import { CursorError } from '@sluice/queue';
import type { ErrorRequestHandler } from 'express';
import { isRedisUnavailable, Problem, redisUnavailable, sendProblem } from './problem.ts';
import { detailsOf } from './request-details.ts';

/**
 * Sends errors as problems. Of an unexpected error, the log gets its class and its place in the code, never its
 * message, which may quote a body.
 */
export function handleErrors(logger: Pick<Logger, 'error'>): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const fields = { route: detailsOf(request).route, error: nameOf(error), at: placeOf(error) };
    if (response.headersSent) {
      // Closing the connection shows the client that the response is incomplete.
      if (!response.destroyed) logger.error(fields, 'response.aborted');
      return void response.destroy();
    }
    const problem = toProblem(error);
    if (problem.kind === 'internal') logger.error(fields, 'request.failed');
    sendProblem(response, problem);
  };
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof CursorError) {
    return new Problem('invalid_request', '', { issues: [{ path: 'query.cursor', message: error.message }] });
  }
  if (isRedisUnavailable(error)) return redisUnavailable();
  // Express throws this error for an invalid percent-escape in the path.
  if (error instanceof URIError) return new Problem('invalid_request', 'The path has an invalid escape.');
  return new Problem('internal', 'Unexpected error. See the log of the console.');
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** Returns file and line of the first stack frame. */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return /^ {4}at .*?([\w.-]+\/[\w.-]+:\d+:\d+)\)?$/m.exec(stack)?.[1];
}
