import type { ServerResponse } from 'node:http';
import type { SourceDefinition } from '@sluice/events';
import { answerBeforeTheEnd } from './answer-before-the-end.ts';
import type { IngestResult } from './ingest-result.ts';

/** Seconds after which a sender is asked to come back when Redis is away or the process is full. */
const RETRY_AFTER = 5;

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is left of the request is not looked at, so its connection cannot be used again. */
  readonly closes?: true;
}

/**
 * Answers a webhook. Never 3xx, which platforms count as failure, and never 410, for which some switch the
 * webhook off.
 *
 * @param reply how the source wants its success answered
 */
export function sendIngestResult(
  response: ServerResponse,
  result: IngestResult,
  reply: SourceDefinition['reply'],
): void {
  const { status, body, headers, closes } = toAnswer(result);
  const empty = status === 200 && reply === 'empty';
  const content = empty ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...(empty ? {} : { 'content-type': 'application/json' }),
    'content-length': Buffer.byteLength(content),
    ...(closes ? { connection: 'close' } : {}),
    ...headers,
  });
  if (closes) answerBeforeTheEnd(response, content);
  else response.end(content);
}

function toAnswer(result: IngestResult): Answer {
  switch (result.kind) {
    case 'accepted':
    case 'duplicate':
    case 'quarantined':
      return {
        status: 200,
        body: { result: result.kind, deliveries: result.deliveries.map(({ id }) => id) },
      };
    case 'ignored':
      return { status: 200, body: { result: result.kind, deliveries: [] } };
    case 'rejected':
      return {
        status: 422,
        body: { error: 'rejected', message: 'the input does not fit', issues: result.issues },
      };
    case 'unauthenticated':
      return refuse(401, 'unauthenticated', 'no connection at this address knows this signature');
    case 'malformed':
      return refuse(400, 'malformed', result.detail);
    case 'misframed':
      return { ...refuse(400, 'malformed', result.detail), closes: true };
    case 'unsupported':
      return refuse(415, 'unsupported', result.detail);
    case 'too_large':
      return { ...refuse(413, 'too_large', `the body is larger than ${result.limit} bytes`), closes: true };
    case 'unavailable':
      return {
        ...refuse(503, 'unavailable', `not stored; send it again in ${RETRY_AFTER} s`),
        headers: { 'retry-after': String(RETRY_AFTER) },
      };
  }
}

function refuse(status: number, error: string, message: string): Answer {
  return { status, body: { error, message } };
}
