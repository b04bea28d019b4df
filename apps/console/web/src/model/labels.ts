import type { Failure } from '../api/types.ts';

export type Reason = Failure['reason'];

/** Short names of the reasons for failures. */
export const REASON_LABELS: Readonly<Record<Reason, string>> = {
  invalid_input: 'invalid input',
  mapper_threw: 'mapper error',
  invalid_event: 'invalid event',
  rejected: 'rejected by Botpress',
  too_large: 'too large',
  retries_exhausted: 'retries exhausted',
  crashed: 'worker crash',
  ambiguous: 'ambiguous',
  unknown_connection: 'unknown connection',
  bot_failed: 'failed in the bot',
  bot_ignored: 'ignored by the bot',
  forward_rejected: 'forward rejected',
};

/** Returns the short name of a reason, or any other text unchanged. */
export const reasonLabel = (text: string): string =>
  text in REASON_LABELS ? REASON_LABELS[text as Reason] : text;

/** Where failures of a reason usually come from. */
export const FAULT_LABELS: Readonly<Record<Failure['faultOf'], string>> = {
  sender: 'platform',
  pipeline: 'mapper or configuration',
  destination: 'Botpress or receiver',
};
