import { defineSource } from '../../define-source.ts';
import { eventsOfSettings } from './events.ts';
import { customSetUp } from './set-up.ts';
import { customSettings } from './settings.ts';
import { unpackCustom } from './unpack.ts';
import { verifyCustom } from './verify.ts';

const DAY = 86_400_000;

/** A platform that is described in the connections file, without code. */
export const custom = defineSource({
  name: 'custom',
  title: 'Custom',
  settings: customSettings,
  // Stripe tries again for three days.
  deduplicationWindow: 4 * DAY,
  keepHeaders: [],
  verify: verifyCustom,
  unpack: unpackCustom,
  events: [],
  eventsOf: eventsOfSettings,
  setUp: customSetUp,
});
