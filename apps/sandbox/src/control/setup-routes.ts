import { Router } from 'express';
import { z } from 'zod';
import { type BotSettings, botSettings } from '../bots.ts';
import { statusRuleSchema } from '../event-status.ts';
import { faultSchema } from '../faults.ts';
import { modeChanges } from '../modes.ts';
import type { Sandbox } from '../sandbox.ts';
import { sendError, validate } from './validate.ts';

/** `/sandbox/faults`: add, list and remove faults; release held responses. */
export function createFaultRoutes({ faults }: Pick<Sandbox, 'faults'>): Router {
  const router = Router();
  router.post('/faults', (request, response) => {
    const fault = validate(faultSchema, request.body, response);
    if (fault) response.status(201).json({ fault: faults.add(fault) });
  });
  router.get('/faults', (_request, response) => {
    response.json({ faults: faults.list() });
  });
  router.delete('/faults', (_request, response) => {
    response.json({ removed: faults.clear() });
  });
  router.delete('/faults/:id', (request, response) => {
    if (faults.remove(request.params.id)) response.json({ removed: 1 });
    else sendError(response, 404, 'The fault does not exist.');
  });
  router.post('/faults/:id/release', (request, response) => {
    const released = faults.release(request.params.id);
    if (released === undefined) sendError(response, 404, 'The fault does not exist.');
    else response.json({ released });
  });
  return router;
}

/** `/sandbox/statuses`: add, list and remove rules for the final statuses of events. */
export function createStatusRoutes({ statusRules }: Pick<Sandbox, 'statusRules'>): Router {
  const router = Router();
  router.post('/statuses', (request, response) => {
    const rule = validate(statusRuleSchema, request.body, response);
    if (rule) response.status(201).json({ rule: statusRules.add(rule) });
  });
  router.get('/statuses', (_request, response) => {
    response.json({ rules: statusRules.list() });
  });
  router.delete('/statuses', (_request, response) => {
    response.json({ removed: statusRules.clear() });
  });
  router.delete('/statuses/:id', (request, response) => {
    if (statusRules.remove(request.params.id)) response.json({ removed: 1 });
    else sendError(response, 404, 'The rule does not exist.');
  });
  return router;
}

/** `/sandbox/modes`: change and list the modes, or restore those of the start. */
export function createModeRoutes({ modes }: Pick<Sandbox, 'modes'>): Router {
  const router = Router();
  router.patch('/modes', (request, response) => {
    const changes = validate(modeChanges, request.body, response);
    if (!changes) return;
    modes.set(changes);
    response.json({ modes: modes.all() });
  });
  router.get('/modes', (_request, response) => {
    response.json({ modes: modes.all() });
  });
  router.delete('/modes', (_request, response) => {
    modes.reset();
    response.json({ modes: modes.all() });
  });
  return router;
}

/** `/sandbox/bots`: set the token, state or rate limit of a bot. */
export function createBotRoutes({ bots }: Pick<Sandbox, 'bots'>): Router {
  const router = Router();
  router.put('/bots/:botId', (request, response) => {
    const settings = validate(botSettings, request.body ?? {}, response);
    if (!settings) return;
    bots.put(request.params.botId, settings);
    response.json({ bot: present(request.params.botId, settings) });
  });
  router.get('/bots', (_request, response) => {
    response.json({ bots: [...bots.list()].map(([botId, settings]) => present(botId, settings)) });
  });
  router.delete('/bots', (_request, response) => {
    response.json({ removed: bots.clear() });
  });
  router.delete('/bots/:botId', (request, response) => {
    if (bots.remove(request.params.botId)) response.json({ removed: 1 });
    else sendError(response, 404, 'The bot is not registered.');
  });
  return router;
}

/** Omits the token: the sandbox may be used with a configuration that has real tokens. */
function present(botId: string, { token, ...rest }: BotSettings) {
  return { botId, hasToken: token !== undefined, ...rest };
}

const definition = z.object({ schema: z.record(z.string(), z.unknown()) });

const integration = z.strictObject({
  /** Event name → `{schema}`, a JSON Schema (draft 7). `title` and `description` are allowed. */
  events: z.record(z.string().min(1).max(200), definition),
});

/** `/sandbox/integrations`: register event definitions that payloads are validated against. */
export function createIntegrationRoutes({ registry }: Pick<Sandbox, 'registry'>): Router {
  const router = Router();
  router.put('/integrations/:integrationId', (request, response) => {
    const body = validate(integration, request.body, response);
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
    sendError(response, 400, `events.${event}.schema: ${message}`, issues);
  });
  router.get('/integrations', (_request, response) => {
    response.json({ integrations: registry.list() });
  });
  router.delete('/integrations/:integrationId', (request, response) => {
    if (registry.remove(request.params.integrationId)) response.json({ removed: 1 });
    else sendError(response, 404, 'The integration is not registered.');
  });
  return router;
}
