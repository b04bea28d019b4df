import type { DeadReason } from './outcome.ts';

/** Usual origin of a failure: the sending platform, Sluice with its mappers and configuration, or Botpress. */
export const FAULT_OF: Readonly<Record<DeadReason, 'sender' | 'pipeline' | 'destination'>> = {
  invalid_input: 'sender',
  mapper_threw: 'pipeline',
  invalid_event: 'pipeline',
  rejected: 'destination',
  too_large: 'pipeline',
  retries_exhausted: 'destination',
  crashed: 'pipeline',
  ambiguous: 'destination',
  unknown_connection: 'pipeline',
};

/** How to fix dead letters of each reason. */
export const REMEDIES: Readonly<Record<DeadReason, string>> = {
  invalid_input:
    'The platform sent input that fails the event’s schema. If the platform changed, update the schema, then replay.',
  mapper_threw: 'The event’s mapper has a bug. Fix it, restart the workers, then replay.',
  invalid_event: 'The mapper’s result fails the event’s schema. Fix the mapper or the schema, then replay.',
  rejected:
    'Botpress rejected the event; see its message. Usually the integration defines the event differently or not at all: deploy it, then replay.',
  too_large:
    'The event is larger than Botpress or `limits.eventBytes` permits, even without its full body. Raise `limits.eventBytes` if Botpress accepts more, else remove fields in the mapper, then replay.',
  retries_exhausted:
    'Botpress was unreachable or failed for the whole retry period (`retry.for`). When it has recovered, replay.',
  crashed:
    'Workers crashed while processing it, also in isolation. Check its body and edit or discard it before a replay.',
  ambiguous:
    'A response was lost, and Botpress could not be asked whether the event exists. When Botpress responds, replay: the event is looked up first.',
  unknown_connection: 'Its connection is no longer in the connections file. Add it again, then replay.',
};
