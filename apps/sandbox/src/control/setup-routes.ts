import { type Response, Router } from 'express';
import { z } from 'zod';
import { type BotSettings, botSettings } from '../bots.ts';
import { eventDefinitions } from '../event-registry.ts';
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

/** `/sandbox/bots`: set token, state, rate limit, workspace, installed integrations and own events of a bot. */
export function createBotRoutes({
  bots,
  rateLimits,
  registry,
}: Pick<Sandbox, 'bots' | 'rateLimits' | 'registry'>): Router {
  const router = Router();
  const forget = (botId: string) => {
    rateLimits.resetBot(botId);
    registry.remove({ botId });
  };
  router.put('/bots/:botId', (request, response) => {
    const { botId } = request.params;
    const settings = validate(botSettings, request.body ?? {}, response);
    if (!settings) return;
    const registration = settings.events && registry.put({ botId }, settings.events);
    if (registration?.ok === false) return sendSchemaError(response, registration);
    if (!registration) registry.remove({ botId });
    rateLimits.resetBot(botId);
    bots.put(botId, settings);
    response.json({ bot: present(botId, settings) });
  });
  router.get('/bots', (_request, response) => {
    response.json({ bots: [...bots.list()].map(([botId, settings]) => present(botId, settings)) });
  });
  router.delete('/bots', (_request, response) => {
    for (const [botId] of bots.list()) forget(botId);
    rateLimits.clear();
    response.json({ removed: bots.clear() });
  });
  router.delete('/bots/:botId', (request, response) => {
    const { botId } = request.params;
    forget(botId);
    if (bots.remove(botId)) response.json({ removed: 1 });
    else sendError(response, 404, 'The bot is not registered.');
  });
  return router;
}

/** Omits the token: the sandbox may be used with a configuration that has real tokens. */
function present(botId: string, { token, events, ...rest }: BotSettings) {
  return {
    botId,
    hasToken: token !== undefined,
    ...rest,
    ...(events && { events: Object.keys(events) }),
  };
}

const integration = z.strictObject({
  /** With the handle of the workspace, which Botpress requires. */
  name: z
    .string()
    .max(200)
    .regex(/^[a-z][\w-]*\/[a-z][\w-]*$/, 'must have the form handle/name')
    .optional(),
  events: eventDefinitions,
});

/** `/sandbox/integrations`: register event definitions that payloads are validated against. */
export function createIntegrationRoutes({ registry, modes }: Pick<Sandbox, 'registry' | 'modes'>): Router {
  const router = Router();
  router.put('/integrations/:integrationId', (request, response) => {
    const body = validate(integration, request.body, response);
    if (!body) return;
    const { integrationId } = request.params;
    const { name, events } = body;
    const names = Object.keys(events);
    const max = modes.get('maxEventDefinitions') ?? names.length;
    if (names.length > max) {
      const message = `has ${names.length} events. An integration may define at most ${max}.`;
      return sendError(response, 400, `events: ${message}`, [{ path: 'events', message }]);
    }
    const registration = registry.put({ integrationId }, events, name);
    if (!registration.ok) return sendSchemaError(response, registration);
    response.json({ integration: { integrationId, name: name ?? integrationId, events: names } });
  });
  router.get('/integrations', (_request, response) => {
    response.json({ integrations: registry.list() });
  });
  router.delete('/integrations/:integrationId', (request, response) => {
    if (registry.remove(request.params)) response.json({ removed: 1 });
    else sendError(response, 404, 'The integration is not registered.');
  });
  return router;
}

function sendSchemaError(
  response: Response,
  { event, message }: { readonly event: string; readonly message: string },
): void {
  const path = `events.${event}.schema`;
  sendError(response, 400, `${path}: ${message}`, [{ path, message }]);
}
