import { defineSource } from '../../define-source.ts';
import { eventsOfSettings } from './events.ts';
import { standardWebhooksSamples } from './samples.ts';
import { standardWebhooksSetUp } from './set-up.ts';
import { standardWebhooksSettings } from './settings.ts';
import { unpackStandardWebhooks } from './unpack.ts';
import { verifyStandardWebhooks } from './verify.ts';

const HOUR = 3_600_000;

export const standardWebhooks = defineSource({
  name: 'standard-webhooks',
  title: 'Standard Webhooks (Svix)',
  settings: standardWebhooksSettings,
  // Svix tries again for 28 h.
  deduplicationWindow: 48 * HOUR,
  keepHeaders: ['webhook-id', 'webhook-timestamp', 'svix-id', 'svix-timestamp'],
  verify: verifyStandardWebhooks,
  unpack: unpackStandardWebhooks,
  events: [],
  eventsOf: eventsOfSettings,
  setUp: standardWebhooksSetUp,
  samples: standardWebhooksSamples,
});
