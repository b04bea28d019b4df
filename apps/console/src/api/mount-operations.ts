import { type RequestHandler, Router } from 'express';
import type { ConsoleContext } from '../context.ts';
import { requireRole } from '../guards/authenticate.ts';
import { readJson } from '../guards/read-json.ts';
import { notesOf } from '../request-notes.ts';
import type { Operation } from './operation.ts';
import { sendStream } from './send-stream.ts';

/** Makes the router of the API out of its operations. */
export function mountOperations(operations: readonly Operation[], context: ConsoleContext): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const operation of operations) {
    router[operation.method](
      operation.path,
      requireRole(operation.role, `/api${operation.path}`),
      ...(operation.body ? [readJson(operation.bodyLimit)] : []),
      answer(operation, context),
    );
  }
  return router;
}

function answer(operation: Operation, context: ConsoleContext): RequestHandler {
  return async (request, response) => {
    const { who } = notesOf(request);
    if (!who) throw new Error('a request got past the sign-in without a name');
    const { params, query } = request;
    const body: unknown = request.body;
    const outcome = await operation.run({ params, query, body }, who, context);
    if (outcome.kind === 'stream') return sendStream(response, operation.answer.mediaType, outcome.send);
    if (outcome.location !== undefined) response.location(outcome.location);
    response.status(operation.answer.status).json(outcome.value);
  };
}
