import type { Span } from '@sluice/observability';
import type { Attempt } from './process-delivery.ts';

/** Says in an attempt's span of what it was and what it came to. */
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
