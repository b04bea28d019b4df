import type { IncomingMessage, ServerResponse } from 'node:http';
import { DEFAULT_MAX_BODY_BYTES } from '@sluice/events';
import type { Logger, Span } from '@sluice/observability';
import { checkFraming } from './check-framing.ts';
import { checkMedia } from './check-media.ts';
import type { InFlight, Place } from './in-flight.ts';
import type { IngestMetrics } from './ingest-metrics.ts';
import type { IngestResult } from './ingest-result.ts';
import { type Ingested, type Ingestion, ingestWebhook } from './ingest-webhook.ts';
import { readBody } from './read-body.ts';
import { sendIngestResult } from './send-ingest-result.ts';
import { traceIngested } from './trace-ingested.ts';

export interface WebhookHandling extends Ingestion {
  readonly inFlight: InFlight;
  readonly metrics: IngestMetrics;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Handles one webhook, from its first byte to its answer. Needs only Node's request and response. */
export async function handleWebhook(
  handling: WebhookHandling,
  address: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const receivedAt = handling.now();
  const span = handling.tracing?.start('webhook', { kind: 'server' });
  const place = handling.inFlight.enter();
  try {
    const ingested = await receive(handling, address, request, place, receivedAt, span);
    if (!ingested) return;
    sendIngestResult(response, ingested.result, ingested.connection?.source.reply);
    record(handling, ingested, (handling.now() - receivedAt) / 1000, span);
    if (span) traceIngested(span, ingested, request, response);
  } catch (error) {
    handling.metrics.recordFailure();
    span?.fail('not foreseen');
    throw error;
  } finally {
    place?.leave();
    span?.end();
  }
}

/** Returns undefined if the sender went away. */
async function receive(
  handling: WebhookHandling,
  address: string,
  request: IncomingMessage,
  place: Place | undefined,
  receivedAt: number,
  span: Span | undefined,
): Promise<Ingested | undefined> {
  if (!place) return ended(NO_PLACE);
  const misframed = checkFraming(request);
  if (misframed) return ended({ kind: 'misframed', detail: misframed });
  const unsupported = checkMedia(request.headers);
  if (unsupported) return ended({ kind: 'unsupported', detail: unsupported });

  const limit = handling.connections.get(address)?.source.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const reading = await readBody(request, limit, place);
  switch (reading.kind) {
    case 'aborted':
      return undefined;
    case 'too_large':
      return ended({ kind: 'too_large', limit });
    case 'no_room':
      return ended({ kind: 'unavailable', reason: 'in_flight_bytes', why: 'too many bytes in flight' });
    case 'read': {
      if (!place.work()) return ended(NO_PLACE);
      // Node joins repeated headers, but for set-cookie, which no platform sends.
      const headers = request.headers as Record<string, string | undefined>;
      return ingestWebhook(handling, address, { headers, body: reading.body, receivedAt }, span);
    }
  }
}

const NO_PLACE = { kind: 'unavailable', reason: 'in_flight', why: 'too many webhooks in flight' } as const;

function ended(result: IngestResult): Ingested {
  return { result, connection: undefined, deliveries: [], ignored: 0 };
}

/** A batch of a thousand would make a line of 40 kB; each delivery has a line of its own in the worker's log. */
const LISTED = 20;

function record(
  { metrics, logger, now }: WebhookHandling,
  ingested: Ingested,
  seconds: number,
  span: Span | undefined,
): void {
  metrics.record(ingested, seconds, now());
  const { result, connection } = ingested;
  const line = {
    connection: connection?.id,
    result: result.kind,
    ms: Math.round(seconds * 1000),
    ...('deliveries' in result
      ? {
          count: result.deliveries.length,
          deliveries: result.deliveries.slice(0, LISTED).map(({ id }) => id),
        }
      : {}),
    ...('why' in result ? { why: result.why } : {}),
    ...('detail' in result ? { detail: result.detail } : {}),
    ...('issues' in result ? { issues: result.issues.slice(0, LISTED) } : {}),
    ...(span ? { trace: span.traceId } : {}),
  };
  logger[levelOf(result)](line, 'webhook.ingested');
}

/** Warns of what is ours to mend or to look at; what strangers send is no news. */
function levelOf({ kind }: IngestResult): 'info' | 'warn' {
  return kind === 'unavailable' || kind === 'quarantined' || kind === 'rejected' ? 'warn' : 'info';
}
