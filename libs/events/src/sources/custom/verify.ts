import type { Credentials, Verdict } from '../../define-source.ts';
import type { UnverifiedWebhook } from '../../webhook.ts';
import type { CustomSettings } from './settings.ts';
import { verifySignature } from './verify-signature.ts';
import { verifyToken } from './verify-token.ts';

/** Proves the sender by the scheme that the settings describe. */
export function verifyCustom(
  webhook: UnverifiedWebhook,
  { secrets, settings }: Credentials<CustomSettings>,
): Verdict {
  const { signature, idempotencyKey } = settings;
  switch (signature.kind) {
    case 'hmac':
      return verifySignature(webhook, secrets, signature, idempotencyKey?.header);
    case 'token':
      return verifyToken(webhook, secrets, signature);
  }
}
