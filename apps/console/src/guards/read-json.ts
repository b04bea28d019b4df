import express, { type Request, type RequestHandler } from 'express';
import { Problem } from '../problem.ts';

const JSON_TYPE = 'application/json';

/**
 * Reads a body as JSON. What is no `application/json` is refused: a form of another site cannot send it.
 *
 * @param limit bytes
 */
export function readJson(limit: number): RequestHandler {
  const parse = express.json({ limit, type: JSON_TYPE, strict: false, inflate: false });
  return (request, response, next) => {
    refuseOther(request, JSON_TYPE);
    parse(request, response, (error: unknown) => next(error === undefined ? error : toProblem(error, limit)));
  };
}

/** Refuses a body of another type, and one that would have to be unpacked; reads nothing. */
export function requireMediaType(type: string): RequestHandler {
  return (request, _response, next) => {
    refuseOther(request, type);
    if (request.headers['content-encoding'] === undefined) return next();
    throw new Problem('unsupported_media_type', 'send it without content-encoding');
  };
}

function refuseOther(request: Request, type: string): void {
  if (!request.is(type)) throw new Problem('unsupported_media_type', `send it with content-type: ${type}`);
}

/** body-parser's words may quote the body. */
function toProblem(error: unknown, limit: number): unknown {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  switch (status) {
    case 400:
      return new Problem('invalid_request', 'the body is no JSON, or did not come whole');
    case 413:
      return new Problem('too_large', `at most ${limit} bytes are taken`);
    case 415:
      return new Problem('unsupported_media_type', 'send it as UTF-8, without content-encoding');
    default:
      return error;
  }
}
