import type { IncomingHttpHeaders } from 'node:http';
import type { BotSettings, Caller } from './bots.ts';
import { DEMO_INTEGRATION_ID } from './event-registry.ts';
import {
  type ApiError,
  type ApiResponse,
  apiError,
  errorResponse,
  type ResponseHeaders,
} from './responses.ts';
import type { Sandbox } from './sandbox.ts';

export type AdmissionResult =
  | { readonly ok: true; readonly caller: Caller; readonly headers: ResponseHeaders }
  | { readonly ok: false; readonly response: ApiResponse };

/**
 * Checks whether a call may proceed: first its identity, then the bot and the installed integration, then the
 * rate limits.
 *
 * @param isEvent whether the call creates an event or a message
 */
export function admit(
  sandbox: Pick<Sandbox, 'bots' | 'registry' | 'modes' | 'rateLimits' | 'clock' | 'newId'>,
  requestHeaders: IncomingHttpHeaders,
  isEvent: boolean,
): AdmissionResult {
  const { bots, rateLimits, clock, newId } = sandbox;
  const identity = identify(requestHeaders);
  if (!identity.ok) return { ok: false, response: errorResponse(identity.error, newId('err')) };
  const bot = bots.get(identity.caller.botId);
  const caller = resolveIntegration(sandbox, identity.caller, bot);
  const error = bots.checkAccess(caller) ?? checkInstallation(sandbox, caller, bot);
  if (error) return { ok: false, response: errorResponse(error, newId('err')) };

  const { workspaceId, eventsPerMinute } = bot;
  const target = { botId: caller.botId, workspaceId, eventsPerMinute };
  const limit = rateLimits.take(target, isEvent, clock.now(), () => newId('err'));
  return limit.ok ? { ok: true, caller, headers: limit.headers } : limit;
}

/** Completes id and alias of the integration from what is installed on the bot. */
function resolveIntegration(
  { registry }: Pick<Sandbox, 'registry'>,
  caller: Caller,
  bot: BotSettings,
): Caller {
  const installed = Object.entries(bot.integrations);
  const integrationId =
    caller.integrationId ?? installed.find(([alias]) => alias === caller.integrationAlias)?.[1];
  if (integrationId === undefined) return caller;
  const alias = caller.integrationAlias ?? installed.find(([, id]) => id === integrationId)?.[0];
  return { ...caller, integrationId, integrationAlias: alias ?? registry.nameOf(integrationId) };
}

function checkInstallation(
  { modes }: Pick<Sandbox, 'modes'>,
  { integrationId, integrationAlias }: Caller,
  bot: BotSettings,
): ApiError | undefined {
  if (modes.get('definitions') === 'optional') return undefined;
  if (integrationId === undefined && integrationAlias === undefined) return undefined;
  if (integrationId === DEMO_INTEGRATION_ID) return undefined;
  const isInstalled = integrationAlias !== undefined && bot.integrations[integrationAlias] === integrationId;
  return isInstalled && integrationId !== undefined
    ? undefined
    : apiError('ResourceNotFound', 'The integration is not installed on the bot.');
}

type IdentityResult =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly error: ApiError };

const BEARER = /^Bearer +(\S+)$/i;

/** Reads the caller from the headers. `checkAccess` verifies the token. */
function identify(headers: IncomingHttpHeaders): IdentityResult {
  const token = BEARER.exec(headers.authorization ?? '')?.[1];
  if (!token) return { ok: false, error: apiError('Unauthorized', 'A bearer token is required.') };
  const botId = headerOf(headers, 'x-bot-id');
  if (!botId) {
    return { ok: false, error: apiError('InvalidPayload', 'The header x-bot-id is required.') };
  }
  return {
    ok: true,
    caller: {
      botId,
      token,
      integrationId: headerOf(headers, 'x-integration-id'),
      integrationAlias: headerOf(headers, 'x-integration-alias'),
    },
  };
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) || undefined;
}
