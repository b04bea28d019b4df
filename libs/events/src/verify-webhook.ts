import type { Credentials, SourceDefinition } from './define-source.ts';
import type { UnverifiedWebhook, VerifiedWebhook } from './webhook.ts';

export type VerificationResult =
  | { readonly ok: true; readonly webhook: VerifiedWebhook }
  | { readonly ok: false; readonly why: string };

/** Proves the webhook by its source's scheme; the only way to get a `VerifiedWebhook`. */
export function verifyWebhook<Settings>(
  source: SourceDefinition<Settings>,
  webhook: UnverifiedWebhook,
  credentials: Credentials<Settings>,
): VerificationResult {
  const verdict = source.verify(webhook, credentials);
  return verdict.ok ? { ok: true, webhook: webhook as VerifiedWebhook } : verdict;
}
