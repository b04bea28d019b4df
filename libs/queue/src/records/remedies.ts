import type { DeadReason } from './outcome.ts';

/** Whose fault it mostly is: what the platform sent, Sluice with its mappers and its configuration, or Botpress. */
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

/** What to do about dead letters of each reason, for whoever is on call. */
export const REMEDIES: Readonly<Record<DeadReason, string>> = {
  invalid_input:
    'The platform sent what the event’s input schema does not take. If the platform has changed, change the schema; then replay.',
  mapper_threw: 'The event’s mapper has a bug. Mend it, restart the workers, then replay.',
  invalid_event:
    'The mapper made what the event’s own schema does not take. Mend the mapper or the schema, then replay.',
  rejected:
    'Botpress refused this event; its message says why. Mostly the integration defines the event otherwise, or not at all: deploy it, then replay.',
  too_large: 'The event is larger than Botpress takes. Let the mapper leave something out, then replay.',
  retries_exhausted:
    'Botpress could not be reached, or failed, for as long as the connection’s `retry.for`. When it is well again, replay.',
  crashed:
    'Workers died while they had it, at last with nothing beside it. Look for what is odd in its body before you replay.',
  ambiguous:
    'An answer was lost and Botpress could not be asked whether the event is there. When it can, replay: it is looked for first.',
  unknown_connection: 'Its connection is not in the connections file any more. Put it back, then replay.',
};
