import type { IncomingMessage, ServerResponse } from 'node:http';
import { DEFAULT_MAX_BODY_BYTES } from '@sluice/events';
import type { Logger, Span } from '@sluice/observability';
import type { InFlight, InFlightSlot } from './in-flight.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import {
  type IngestDependencies,
  type Ingested,
  type IngestResult,
  ingestWebhook,
  NONE_IGNORED,
} from './ingest-webhook.ts';
import { logIngested, traceIngested } from './record-ingested.ts';
import { checkFraming, checkMediaType, readBody } from './request-body.ts';
import { sendIngestResult } from './send-ingest-result.ts';

export interface WebhookDependencies extends IngestDependencies {
  readonly inFlight: InFlight;
  readonly metrics: IngestMetrics;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Handles one webhook from its first byte to its response: receive, ingest, respond, record. Uses only Node's request
 * and response, so that the route can bypass Express.
 */
export async function handleWebhook(
  dependencies: WebhookDependencies,
  address: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { inFlight, metrics, logger, now, tracing } = dependencies;
  const receivedAt = now();
  const span = tracing?.start('webhook', { kind: 'server' });
  const slot = inFlight.admit();
  try {
    const ingested = await receive(dependencies, address, request, slot, receivedAt, span);
    if (!ingested) return;
    sendIngestResult(response, ingested.result, ingested.connection?.source.reply);
    const seconds = (now() - receivedAt) / 1000;
    metrics.record(ingested, seconds, now());
    logIngested(logger, ingested, seconds, span);
    if (span) traceIngested(span, ingested, request, response);
  } catch (error) {
    metrics.recordFailure();
    span?.fail('unexpected error');
    throw error;
  } finally {
    slot?.release();
    span?.end();
  }
}

/**
 * Checks framing and media type, reads the body and ingests it; undefined if the sender disconnected.
 *
 * @param slot undefined if the limit of webhooks in flight is reached
 */
async function receive(
  dependencies: WebhookDependencies,
  address: string,
  request: IncomingMessage,
  slot: InFlightSlot | undefined,
  receivedAt: number,
  span: Span | undefined,
): Promise<Ingested | undefined> {
  if (!slot) return withoutDeliveries(TOO_MANY_WEBHOOKS);
  const misframed = checkFraming(request);
  if (misframed) return withoutDeliveries({ kind: 'misframed', detail: misframed });
  const unsupported = checkMediaType(request.headers);
  if (unsupported) return withoutDeliveries({ kind: 'unsupported', detail: unsupported });

  const limit = dependencies.connections.get(address)?.source.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const reading = await readBody(request, limit, slot);
  switch (reading.kind) {
    case 'aborted':
      return undefined;
    case 'too_large':
      return withoutDeliveries({ kind: 'too_large', limit });
    case 'no_room':
      return withoutDeliveries(TOO_MANY_BYTES);
    case 'read': {
      if (!slot.begin()) return withoutDeliveries(TOO_MANY_WEBHOOKS);
      // Node.js joins repeated headers, except set-cookie, which no platform sends.
      const headers = request.headers as Record<string, string | undefined>;
      return ingestWebhook(dependencies, address, { headers, body: reading.body, receivedAt }, span);
    }
  }
}

const TOO_MANY_WEBHOOKS = {
  kind: 'unavailable',
  reason: 'in_flight',
  why: 'too many webhooks in flight',
} as const;
const TOO_MANY_BYTES = {
  kind: 'unavailable',
  reason: 'in_flight_bytes',
  why: 'too many bytes in flight',
} as const;

function withoutDeliveries(result: IngestResult): Ingested {
  return { result, connection: undefined, deliveries: [], ...NONE_IGNORED };
}
