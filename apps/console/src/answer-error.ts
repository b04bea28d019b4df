import type { Logger } from '@sluice/observability';
import { CursorError } from '@sluice/queue';
import type { ErrorRequestHandler } from 'express';
import { Problem, sendProblem } from './problem.ts';
import { isRedisAway, redisAway } from './redis-away.ts';
import { notesOf } from './request-notes.ts';

/** Answers what went wrong as a problem; of what nobody foresaw, the log has where it happened and no word of it. */
export function answerError(logger: Pick<Logger, 'error'>): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const told = { route: notesOf(request).route, error: nameOf(error), place: placeOf(error) };
    if (response.headersSent) {
      // Whoever reads must not take what came so far for all of it.
      if (!response.destroyed) logger.error(told, 'console.cut');
      return void response.destroy();
    }
    const problem = toProblem(error);
    if (problem.kind === 'internal') logger.error(told, 'console.failed');
    sendProblem(response, problem);
  };
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof CursorError) {
    return new Problem('invalid_request', '', { issues: [{ path: 'query.cursor', message: error.message }] });
  }
  if (isRedisAway(error)) return redisAway();
  // Express' own: a broken %-escape in the path.
  if (error instanceof URIError) return new Problem('invalid_request', 'the path is not well-formed');
  return new Problem('internal', 'the console’s log says where');
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** File and line, without the message, which may quote anything. */
function placeOf(error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return /^ {4}at .*?([\w.-]+\/[\w.-]+:\d+:\d+)\)?$/m.exec(stack)?.[1];
}
