import { type Request, type Response, Router } from 'express';
import { admit } from './admission.ts';
import type { BotSettings } from './bots.ts';
import {
  type ApiResponse,
  apiError,
  errorResponse,
  jsonResponse,
  type ResponseHeaders,
  sendResponse,
} from './responses.ts';
import type { Sandbox } from './sandbox.ts';

/** Creates the routes of the Admin API that `sluice connections check` calls. Unlike Botpress, they accept a bot's token. */
export function createAdminRoutes(sandbox: Sandbox): Router {
  const router = Router();
  router.get('/v1/admin/integrations/:id', (request, response) =>
    serve(sandbox, request, response, integrationResponse),
  );
  router.get('/v1/admin/bots/:id', (request, response) => serve(sandbox, request, response, botResponse));
  return router;
}

type Respond = (sandbox: Sandbox, id: string, headers: ResponseHeaders, request: Request) => ApiResponse;

function serve(sandbox: Sandbox, request: Request, response: Response, respond: Respond): void {
  const admission = admit(sandbox, request.headers, false);
  if (!admission.ok) {
    sendResponse(response, admission.response);
    return;
  }
  const isRequired = sandbox.modes.get('workspaceHeader') === 'required';
  const isMissing = isRequired && !request.headers['x-workspace-id'];
  const error = apiError('InvalidPayload', 'The header x-workspace-id is required.');
  sendResponse(
    response,
    isMissing
      ? errorResponse(error, sandbox.newId('err'), admission.headers)
      : respond(sandbox, String(request.params.id), admission.headers, request),
  );
}

function integrationResponse(sandbox: Sandbox, id: string, headers: ResponseHeaders): ApiResponse {
  const found = sandbox.registry.list().find(({ integrationId }) => integrationId === id);
  if (!found) return notFound(sandbox, 'The integration is not registered.', headers);
  const own = {
    ...ownFields(sandbox, id, found.name),
    name: found.name,
    events: withEmptySchemas(found.events),
  };
  return jsonResponse(200, JSON.stringify({ integration: { ...EMPTY_INTEGRATION, ...own } }), headers);
}

/** Bots that are registered without integrations and events are not described: any integration may be installed on them. */
function botResponse(sandbox: Sandbox, id: string, headers: ResponseHeaders, request: Request): ApiResponse {
  const { integrations, events } = sandbox.bots.get(id);
  if (Object.keys(integrations).length === 0 && !events) {
    return notFound(sandbox, 'The bot is not registered with integrations or events.', headers);
  }
  const byAlias = request.headers['x-multiple-integrations'] === 'true';
  const { title: _, ...own } = ownFields(sandbox, id, id);
  const described = {
    ...{ ...EMPTY_BOT, ...own, name: id },
    integrations: installedIntegrations(sandbox, integrations, byAlias),
    events: withEmptySchemas(Object.keys(events ?? {})),
  };
  return jsonResponse(200, JSON.stringify({ bot: described }), headers);
}

/** Returns the installed integrations by alias, or by id as for clients that do not know aliases. */
function installedIntegrations(sandbox: Sandbox, installed: BotSettings['integrations'], byAlias: boolean) {
  return Object.fromEntries(
    Object.entries(installed).map(([alias, id]) => {
      const name = sandbox.registry.nameOf(id) ?? alias;
      return [byAlias ? alias : id, { ...INSTALLED, ...ownFields(sandbox, id, name), name }];
    }),
  );
}

function ownFields({ clock }: Sandbox, id: string, title: string) {
  const now = new Date(clock.now()).toISOString();
  return { id, title: title.slice(0, MAX_TITLE_LENGTH), createdAt: now, updatedAt: now };
}

/** Only compiled schemas are kept, so a response has empty ones. */
function withEmptySchemas(events: readonly string[]) {
  return Object.fromEntries(events.map((name) => [name, { schema: {} }]));
}

function notFound({ newId }: Sandbox, message: string, headers: ResponseHeaders): ApiResponse {
  return errorResponse(apiError('ResourceNotFound', message), newId('err'), headers);
}

const MAX_TITLE_LENGTH = 64;

/** The fields of an integration that its installation on a bot has as well, without content. */
const COMMON = {
  ...{ version: '0.0.0', description: '', iconUrl: '' },
  ...{ public: false, visibility: 'private', verificationStatus: 'unapproved', lifecycleStatus: 'published' },
};

/** The required fields of an integration in the Admin API, without content. */
const EMPTY_INTEGRATION = {
  ...COMMON,
  ...{ url: '', readmeUrl: '' },
  ...{
    identifier: {},
    interfaces: {},
    configurations: {},
    channels: {},
    states: {},
    actions: {},
    entities: {},
  },
  configuration: { identifier: { required: false }, schema: {} },
  user: { tags: {}, creation: { enabled: false, requiredTags: [] } },
  ...{ dev: false, secrets: [] },
};

/** The required fields of an installed integration, without content. */
const INSTALLED = {
  ...COMMON,
  ...{ enabled: true, status: 'registered', statusReason: null, disabledChannels: [] },
  ...{ webhookUrl: '', webhookId: '', configurationType: null, configuration: {} },
};

/** The required fields of a bot in the Admin API, without content. */
const EMPTY_BOT = {
  ...{ signingSecret: '', plugins: {}, states: {}, recurringEvents: {}, actions: {}, tags: {}, medias: [] },
  ...{ user: { tags: {} }, conversation: { tags: {} }, message: { tags: {} } },
  ...{ configuration: { data: {}, schema: {} }, subscriptions: { events: null } },
  ...{ dev: false, alwaysAlive: false, status: 'active' },
};
