import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type ApiError, apiError } from './responses.ts';

export type Body =
  | { readonly kind: 'complete'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'aborted' };

/** Botpress' limit of a request to the Runtime API. */
const MAX_REQUEST_BYTES = 1024 * 1024;
/** Multiple of the limit after which the connection is closed. */
const DRAIN_FACTOR = 16;

/**
 * Reads a request's body and calls `done` once.
 *
 * A body over the limit is read to its end and discarded, because a client that is still sending would see a
 * reset instead of the response. Over 16 times the limit the connection is closed.
 */
export function readBody(request: IncomingMessage, done: (body: Body) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let finished = false;
  const finish = (body: Body) => {
    if (finished) return;
    finished = true;
    done(body);
  };
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_REQUEST_BYTES) chunks.push(chunk);
    else if (size > MAX_REQUEST_BYTES * DRAIN_FACTOR) request.destroy();
  });
  request.once('end', () => {
    if (size > MAX_REQUEST_BYTES) return finish({ kind: 'too_large' });
    const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
    finish({ kind: 'complete', bytes });
  });
  request.once('error', () => finish({ kind: 'aborted' }));
  request.once('close', () => finish({ kind: 'aborted' }));
}

export type JsonBody =
  | { readonly ok: true; readonly json: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly error: ApiError };

/** Parses a body that must be a JSON object. */
export function parseJsonBody(headers: IncomingHttpHeaders, body: Body): JsonBody {
  if (body.kind === 'too_large') return fail('PayloadTooLarge', 'The request is larger than 1 MB.');
  if (body.kind === 'aborted') return fail('InvalidPayload', 'The request was aborted.');
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    return fail('UnsupportedMediaType', 'The content-type must be application/json.');
  }
  if (headers['content-encoding'])
    return fail('UnsupportedMediaType', 'The body must not have a content-encoding.');
  const json = parse(body.bytes);
  return isObject(json) ? { ok: true, json } : fail('InvalidPayload', 'The body must be a JSON object.');
}

/** Returns whether a JSON value is an object and not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function fail(error: ApiError['error'], message: string): JsonBody {
  return { ok: false, error: apiError(error, message) };
}
