import { createSourceRegistry } from '@sluice/events';
import { z } from 'zod';
import type { EventSchemas } from './event-schemas.ts';

export const DEMO_INTEGRATION_ID = 'demo-integration';

/** The JSON Schemas of every event that Sluice comes with, as an integration made from them would deploy. */
export function demoEventSchemas(): EventSchemas {
  const events = [...createSourceRegistry().values()].flatMap((source) => source.events);
  return Object.fromEntries(
    // Draft 7 is what Botpress' own schemas become, and what Ajv reads by default.
    events.map((event) => [event.name, z.toJSONSchema(event.schema, { target: 'draft-7' })]),
  );
}
