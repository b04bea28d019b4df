import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Span } from '@sluice/observability';
import type { Ingested } from './ingest-webhook.ts';

/** A batch of a thousand would be 40 kB. */
const LISTED = 20;

/**
 * Says in a webhook's span what became of it.
 *
 * The sender's own trace is linked, and never continued: whoever knows the address could otherwise put spans into
 * anybody's trace, and decide what is sampled. It is linked only if the signature was right.
 */
export function traceIngested(
  span: Span,
  { result, connection, deliveries }: Ingested,
  { headers }: IncomingMessage,
  { statusCode }: ServerResponse,
): void {
  const isAuthentic = deliveries.length > 0 || result.kind === 'ignored';
  const { traceparent } = headers;
  if (isAuthentic && typeof traceparent === 'string') span.link(traceparent);
  // As OpenTelemetry wants it, what is the sender's mistake is no failure of ours.
  if (result.kind === 'unavailable') span.fail(result.why);
  span.set({
    'http.request.method': 'POST',
    'http.route': '/webhooks/:address',
    'http.response.status_code': statusCode,
    'sluice.connection': connection?.id,
    'sluice.source': connection?.source.name,
    'sluice.result': result.kind,
    ...('deliveries' in result
      ? { 'sluice.deliveries': result.deliveries.slice(0, LISTED).map(({ id }) => id) }
      : {}),
  });
}
