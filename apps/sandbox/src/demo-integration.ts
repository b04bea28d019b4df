import { createSourceRegistry } from '@sluice/events';
import { z } from 'zod';
import type { EventSchemas } from './event-schemas.ts';

export const DEMO_INTEGRATION_ID = 'demo-integration';

/** What the connection `demo-standard` names its events; the one source whose users name them. */
const DEMO_STANDARD = {
  events: { 'user.created': 'userCreated', 'invoice.paid': 'invoicePaid' },
  topicPath: 'type',
  passOn: 'data',
};

/** The JSON Schemas of every event of the demo's connections, as an integration made from them would deploy. */
export function demoEventSchemas(): EventSchemas {
  const sources = createSourceRegistry();
  const named = sources.get('standard-webhooks')?.eventsOf?.(DEMO_STANDARD) ?? [];
  const events = [...[...sources.values()].flatMap((source) => source.events), ...named];
  return Object.fromEntries(
    // Draft 7 is what Botpress' own schemas become, and what Ajv reads by default.
    events.map((event) => [event.name, z.toJSONSchema(event.schema, { target: 'draft-7' })]),
  );
}
