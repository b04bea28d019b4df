import express, { type Request, type RequestHandler } from 'express';
import { Problem } from '../http/problem.ts';

const JSON_TYPE = 'application/json';

/**
 * Reads a body as JSON. Other media types are rejected, because a form of another site can send them.
 *
 * @param limit bytes
 */
export function readJson(limit: number): RequestHandler {
  const parse = express.json({ limit, type: JSON_TYPE, strict: false, inflate: false });
  return (request, response, next) => {
    rejectOtherTypes(request, JSON_TYPE);
    parse(request, response, (error: unknown) => next(error === undefined ? error : toProblem(error, limit)));
  };
}

/** Rejects bodies of another media type and compressed bodies, without reading them. */
export function requireMediaType(type: string): RequestHandler {
  return (request, _response, next) => {
    rejectOtherTypes(request, type);
    if (request.headers['content-encoding'] === undefined) return next();
    throw new Problem(
      'unsupported_media_type',
      'Compressed bodies are not supported. Omit content-encoding.',
    );
  };
}

function rejectOtherTypes(request: Request, type: string): void {
  if (!request.is(type)) throw new Problem('unsupported_media_type', `Set the header content-type: ${type}.`);
}

/** Replaces the errors of body-parser, whose messages may quote the body. */
function toProblem(error: unknown, limit: number): unknown {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  switch (status) {
    case 400:
      return new Problem('invalid_request', 'The body is incomplete or not valid JSON.');
    case 413:
      return new Problem('too_large', `The body has more than ${limit} bytes.`);
    case 415:
      return new Problem('unsupported_media_type', 'Send the body as UTF-8, without content-encoding.');
    default:
      return error;
  }
}
