import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger, Span } from '@sluice/observability';
import type { Ingested, IngestResult } from './ingest-webhook.ts';

/** Deliveries listed per webhook. A batch of a thousand would add 40 kB, and the worker logs each delivery anyway. */
const MAX_LISTED = 20;

/** Logs `webhook.ingested`. Warns if an operator has to act; what unverified senders send is not worth a warning. */
export function logIngested(
  logger: Logger,
  { result, connection, ignored, ignoredBy, forward }: Ingested,
  seconds: number,
  span: Span | undefined,
): void {
  const line = {
    connection: connection?.id,
    result: result.kind,
    ms: Math.round(seconds * 1000),
    ...('deliveries' in result ? { count: result.deliveries.length, deliveries: listedIds(result) } : {}),
    ...(ignored > 0 ? { ignored: ignoredBy } : {}),
    ...(forward ? { forward: forward.id } : {}),
    ...('why' in result ? { why: result.why } : {}),
    ...('detail' in result ? { detail: result.detail } : {}),
    ...('issues' in result ? { issues: result.issues.slice(0, MAX_LISTED) } : {}),
    ...(span ? { trace: span.traceId } : {}),
  };
  const needsAction =
    result.kind === 'unavailable' || result.kind === 'quarantined' || result.kind === 'rejected';
  if (needsAction) logger.warn(line, 'webhook.ingested');
  else logger.info(line, 'webhook.ingested');
}

/**
 * Sets the attributes of the span of a webhook.
 *
 * The trace of the sender is linked, never continued: otherwise anyone who knows the address could add spans to any
 * trace and decide the sampling. It is linked only if the webhook is verified.
 */
export function traceIngested(
  span: Span,
  { result, connection, deliveries }: Ingested,
  { headers }: IncomingMessage,
  { statusCode }: ServerResponse,
): void {
  const isVerified = deliveries.length > 0 || result.kind === 'ignored';
  const { traceparent } = headers;
  if (isVerified && typeof traceparent === 'string') span.link(traceparent);
  // By the conventions of OpenTelemetry, a client error is not a failure of the server.
  if (result.kind === 'unavailable') span.fail(result.why);
  span.set({
    'http.request.method': 'POST',
    'http.route': '/webhooks/:address',
    'http.response.status_code': statusCode,
    'sluice.connection': connection?.id,
    'sluice.source': connection?.source.name,
    'sluice.result': result.kind,
    ...('deliveries' in result ? { 'sluice.deliveries': listedIds(result) } : {}),
  });
}

function listedIds({ deliveries }: Extract<IngestResult, { deliveries: unknown }>): string[] {
  return deliveries.slice(0, MAX_LISTED).map(({ id }) => id);
}
