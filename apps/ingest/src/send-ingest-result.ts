import type { ServerResponse } from 'node:http';
import type { SourceDefinition } from '@sluice/events';
import type { IngestResult } from './ingest-webhook.ts';

/** Value of Retry-After in seconds, while Redis is unavailable or the process is at its limits. */
const RETRY_AFTER = 5;

interface WebhookResponse {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The rest of the request is not read, so the connection cannot be reused. */
  readonly closes?: true;
}

/**
 * Sends the response to a webhook. Never 3xx, which platforms count as a failure, and never 410, which makes some
 * platforms disable the webhook.
 *
 * @param reply success response that the source requires
 */
export function sendIngestResult(
  response: ServerResponse,
  result: IngestResult,
  reply: SourceDefinition['reply'],
): void {
  const { status, body, headers, closes } = toResponse(result);
  const empty = status === 200 && reply === 'empty';
  const content = empty ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...(empty ? {} : { 'content-type': 'application/json' }),
    'content-length': Buffer.byteLength(content),
    ...(closes ? { connection: 'close' } : {}),
    ...headers,
  });
  if (closes) endAfterRequest(response, content);
  else response.end(content);
}

function toResponse(result: IngestResult): WebhookResponse {
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
        body: { error: 'rejected', message: 'Invalid input. Fix the listed issues.', issues: result.issues },
      };
    case 'unauthenticated':
      return toError(
        401,
        'unauthenticated',
        'Unknown connection or invalid signature. Check address and secret.',
      );
    case 'malformed':
      return toError(400, 'malformed', result.detail);
    case 'misframed':
      return { ...toError(400, 'malformed', result.detail), closes: true };
    case 'unsupported':
      return toError(415, 'unsupported', result.detail);
    case 'too_large':
      return {
        ...toError(413, 'too_large', `Body too large. Send at most ${result.limit} bytes.`),
        closes: true,
      };
    case 'unavailable':
      return {
        ...toError(503, 'unavailable', `Not stored. Send the webhook again in ${RETRY_AFTER} seconds.`),
        headers: { 'retry-after': String(RETRY_AFTER) },
      };
  }
}

function toError(status: number, error: string, message: string): WebhookResponse {
  return { status, body: { error, message } };
}

/** Limits for the discarded rest of a request: more than any platform sends, and than a LAN transfers in that time. */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;
const MAX_DISCARD_MS = 5_000;

/**
 * Sends the response while the request is still being received, discards the rest of the request, up to 16 MiB and
 * 5 s, and closes the connection. Closing it with unread bytes would reset it, and a sender that writes everything
 * before it reads would lose the response.
 */
function endAfterRequest(response: ServerResponse, content: string): void {
  const { req: request } = response;
  let left = MAX_DISCARDED_BYTES;
  const end = () => {
    clearTimeout(timer);
    request.off('data', discard).off('end', end).off('close', end).off('error', end);
    response.end();
  };
  const discard = (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) end();
  };
  const timer = setTimeout(end, MAX_DISCARD_MS);
  response.write(content);
  request.on('data', discard).on('end', end).on('close', end).on('error', end);
  request.resume();
}
