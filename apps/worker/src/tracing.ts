import type { ForwardResult, LookupResult, SendResult } from '@sluice/botpress';
import type { Span, Tracing } from '@sluice/observability';
import type { Attempt } from './attempt.ts';

/** Sets the attributes of an attempt on its span. */
export function traceAttempt(span: Span, { delivery, event, outcome, attemptsMade }: Attempt): void {
  if (outcome.kind === 'retry' || outcome.kind === 'dead') span.fail(outcome.reason);
  span.set({
    'sluice.delivery': delivery?.id,
    'sluice.connection': delivery?.connection,
    'sluice.source': delivery?.source,
    'sluice.topic': delivery?.topic,
    'sluice.event': event,
    'sluice.attempt': attemptsMade + 1,
    'sluice.outcome': outcome.kind,
    'sluice.reason': 'reason' in outcome ? outcome.reason : undefined,
    'sluice.botpress_event': outcome.kind === 'delivered' ? outcome.eventId : undefined,
  });
}

export interface CallTrace {
  /** `undefined` while tracing is off. */
  readonly tracing: Tracing | undefined;
  /** W3C traceparent of the attempt. */
  readonly parent: string | undefined;
}

/**
 * Calls Botpress or the receiver of a forward within a span. The request carries no traceparent, because Botpress documents none; the payload's
 * `deliveryId` leads from an event to its trace.
 *
 * @param operation name of the API operation, or `forward`
 * @returns the result of the call
 */
export async function traceCall<Result extends SendResult | ForwardResult | LookupResult>(
  { tracing, parent }: CallTrace,
  operation: string,
  call: () => Promise<Result>,
): Promise<Result> {
  const span = tracing?.start(operation, { kind: 'client', parent });
  const result = await call();
  if (!span) return result;
  span.set({ 'sluice.result': result.kind });
  if (result.kind === 'refused') {
    const { status, type } = result.refusal;
    span.set({ 'http.response.status_code': status, 'error.type': type });
    span.fail(`${status} ${type}`);
  }
  if ('reason' in result) span.fail(result.reason);
  span.end();
  return result;
}
