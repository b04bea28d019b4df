import { defineSource } from '../../definitions/define-source.ts';
import { eventsOfSettings } from './events.ts';
import { standardWebhooksSamples } from './samples.ts';
import { standardWebhooksSettings } from './settings.ts';
import { unpackStandardWebhooks } from './unpack.ts';
import { verifyStandardWebhooks } from './verify.ts';

const HOUR = 3_600_000;

export const standardWebhooks = defineSource({
  name: 'standard-webhooks',
  title: 'Standard Webhooks (Svix)',
  settings: standardWebhooksSettings,
  // Svix retries for 28 h.
  deduplicationWindow: 48 * HOUR,
  keepHeaders: ['webhook-id', 'webhook-timestamp', 'svix-id', 'svix-timestamp'],
  verify: verifyStandardWebhooks,
  unpack: unpackStandardWebhooks,
  events: [],
  eventsOf: eventsOfSettings,
  setUp: [
    'In the webhook settings of the platform (often a Svix portal), add the endpoint {url}.',
    'Select the event types that settings.events of the connection lists, or any types if it has no events.',
    'Set the endpoint’s signing secret, which begins with whsec_, as a secret of the connection. During a rotation keep the old and the new secret.',
    'Keep the clock of ingest synchronized: a webhook signed more than five minutes ago, or in the future, is rejected.',
  ],
  samples: standardWebhooksSamples,
});
