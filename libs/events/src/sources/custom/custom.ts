import { defineSource } from '../../definitions/define-source.ts';
import { eventsOfSettings } from './events.ts';
import { customSettings } from './settings.ts';
import { unpackCustom } from './unpack.ts';
import { verifyCustom } from './verify.ts';

const DAY = 86_400_000;

/** A platform described by the settings of its connections, without code. */
export const custom = defineSource({
  name: 'custom',
  title: 'Custom',
  settings: customSettings,
  // Stripe retries for three days.
  deduplicationWindow: 4 * DAY,
  keepHeaders: [],
  verify: verifyCustom,
  unpack: unpackCustom,
  events: [],
  eventsOf: eventsOfSettings,
  setUp: [
    'In the webhook settings of the platform, enter {url} as the address.',
    'Set the platform’s signing key, or the token that it sends, as a secret of the connection.',
    'In the settings of the connection, state where to find the signature, the topic and the idempotency key. Every topic becomes the event received of the integration sluice, unless settings.events names other events. See docs/how-to/add-a-source.md.',
  ],
});
