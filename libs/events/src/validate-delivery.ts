import { type Issue, toIssues } from './issues.ts';
import type { UnpackedDelivery } from './unpack-webhook.ts';

/** Checks a delivery's input against its event's input schema; no issues mean that it fits. */
export function validateDelivery({ event, input }: UnpackedDelivery): readonly Issue[] {
  const result = event.input.safeParse(input);
  return result.success ? [] : toIssues(result.error);
}
