import type { Death } from '../api/types.ts';

export type Reason = Death['reason'];

/** What deliveries die of, in a few words each. */
export const REASONS: Readonly<Record<Reason, string>> = {
  invalid_input: 'input does not fit',
  mapper_threw: 'mapper threw',
  invalid_event: 'event does not fit',
  rejected: 'rejected by Botpress',
  too_large: 'too large',
  retries_exhausted: 'retries exhausted',
  crashed: 'workers crashed',
  ambiguous: 'ambiguous',
  unknown_connection: 'unknown connection',
};

/** A reason in these words; whatever else as it is. */
export const nameOfReason = (text: string): string => (text in REASONS ? REASONS[text as Reason] : text);

/** Whose fault it mostly is. */
export const FAULTS: Readonly<Record<Death['faultOf'], string>> = {
  sender: 'the platform’s',
  pipeline: 'our own',
  destination: 'Botpress’',
};
