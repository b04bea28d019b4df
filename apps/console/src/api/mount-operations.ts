import { Readable } from 'node:stream';
import { type RequestHandler, Router } from 'express';
import type { ConsoleContext } from '../context.ts';
import { requireRole } from '../guards/authenticate.ts';
import { readJson, requireMediaType } from '../guards/read-json.ts';
import { notesOf } from '../request-notes.ts';
import { NDJSON, readLines, sendLines } from './ndjson.ts';
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
      ...(operation.lines ? [requireMediaType(NDJSON)] : []),
      answer(operation, context),
    );
  }
  return router;
}

const NO_LINES: AsyncIterable<string> = Readable.from([]);

function answer(operation: Operation, context: ConsoleContext): RequestHandler {
  return async (request, response) => {
    const { who } = notesOf(request);
    if (!who) throw new Error('a request got past the sign-in without a name');
    const { params, query } = request;
    const body: unknown = request.body;
    const lines = operation.lines ? readLines(request, operation.bodyLimit) : NO_LINES;
    const outcome = await operation.run({ params, query, body, lines }, who, context);
    switch (outcome.kind) {
      case 'stream':
        return sendStream(response, operation.answer.mediaType, outcome.send);
      case 'lines':
        return sendLines(response, outcome.values);
      case 'json':
        if (outcome.location !== undefined) response.location(outcome.location);
        response.status(operation.answer.status).json(outcome.value);
    }
  };
}
