import { Router } from 'express';
import { z } from 'zod';
import type { Sandbox } from '../sandbox.ts';
import { check, sendMistake } from './check.ts';

const definition = z.object({ schema: z.record(z.string(), z.unknown()) });

const integration = z.strictObject({
  /** Event name → `{schema}`, a JSON Schema (draft 7); title and description may be there too. */
  events: z.record(z.string().min(1).max(200), definition),
});

/** `/sandbox/integrations`: register the event definitions that payloads are checked against. */
export function createIntegrationRoutes({ registry }: Pick<Sandbox, 'registry'>): Router {
  const router = Router();
  router.put('/integrations/:integrationId', (request, response) => {
    const body = check(integration, request.body, response);
    if (!body) return;
    const { integrationId } = request.params;
    const schemas = Object.entries(body.events).map(([name, { schema }]) => [name, schema] as const);
    const registration = registry.put(integrationId, Object.fromEntries(schemas));
    if (registration.ok) {
      response.json({ integration: { integrationId, events: Object.keys(body.events) } });
      return;
    }
    const { event, message } = registration;
    const issues = [{ path: `events.${event}.schema`, message }];
    sendMistake(response, 400, `events.${event}.schema: ${message}`, issues);
  });
  router.get('/integrations', (_request, response) => {
    response.json({ integrations: registry.list() });
  });
  router.delete('/integrations/:integrationId', (request, response) => {
    if (registry.remove(request.params.integrationId)) response.json({ removed: 1 });
    else sendMistake(response, 404, 'no such integration is registered');
  });
  return router;
}
