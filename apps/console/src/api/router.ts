import { Readable } from 'node:stream';
import { type RequestHandler, Router } from 'express';
import type { ConsoleContext } from '../context.ts';
import { readJson, requireMediaType } from '../guards/body.ts';
import { detailsOf, requireRole } from '../http/request-details.ts';
import type { Operation } from './operation.ts';
import { NDJSON, readLines, sendEvents, sendLines } from './streams.ts';

/** Creates the router of the API from its operations. */
export function mountOperations(operations: readonly Operation[], context: ConsoleContext): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const operation of operations) {
    router[operation.method](
      operation.path,
      requireRole(operation.role, `/api${operation.path}`),
      ...(operation.body ? [readJson(operation.bodyLimit)] : []),
      ...(operation.lines ? [requireMediaType(NDJSON)] : []),
      runOperation(operation, context),
    );
  }
  return router;
}

const NO_LINES: AsyncIterable<string> = Readable.from([]);

function runOperation(operation: Operation, context: ConsoleContext): RequestHandler {
  return async (request, response) => {
    const { user } = detailsOf(request);
    if (!user) throw new Error('The request was not authenticated.');
    const { params, query } = request;
    const body: unknown = request.body;
    const lines = operation.lines ? readLines(request, operation.bodyLimit) : NO_LINES;
    const result = await operation.run({ params, query, body, lines }, user, context);
    switch (result.kind) {
      case 'events':
        return sendEvents(response, operation.response.content.mediaType, result.send);
      case 'lines':
        return sendLines(response, result.values);
      case 'json':
        if (result.location !== undefined) response.location(result.location);
        response.status(operation.response.status).json(result.value);
    }
  };
}
