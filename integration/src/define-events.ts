import type { IntegrationDefinitionProps, z } from '@botpress/sdk';
import type { EventDefinition } from './sluice-events.ts';
import { toZui } from './to-zui.ts';

type BotpressEvents = NonNullable<IntegrationDefinitionProps['events']>;

/** Botpress takes no more in one integration. */
const MAX_EVENTS = 20;

/** Turns Sluice's event definitions into Botpress', by bare name. Throws on what Botpress would refuse. */
export function defineEvents(events: readonly EventDefinition[]): BotpressEvents {
  if (events.length > MAX_EVENTS) throw new RangeError(`an integration has at most ${MAX_EVENTS} events`);
  return Object.fromEntries(
    events.map(({ name, title, description, schema }) => [
      name,
      {
        title,
        description,
        schema: toZui(schema.toJSONSchema({ target: 'draft-7' }), name) as z.ZodObject,
      },
    ]),
  ) satisfies IntegrationDefinitionProps['events'];
}
