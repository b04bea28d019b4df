import type { Client } from '@botpress/client';
import { type AcquireCall, BotClient, type BotTarget } from './bot-client.ts';
import { memberOf } from './read-response.ts';
import type { Refusal } from './results.ts';

/** Whether a target accepts events, as far as read-only calls can show. */
export type TargetCheck =
  | { readonly kind: 'ok'; readonly definitions: DefinitionsCheck }
  /** 401 or 403: the token is not valid for this bot. */
  | { readonly kind: 'token_refused'; readonly status: number }
  | { readonly kind: 'bot_unknown' }
  | { readonly kind: 'integration_unknown' }
  /** The integration exists, but the bot has not installed or has disabled it. */
  | { readonly kind: 'not_installed' }
  /** The integration does not define these events. */
  | { readonly kind: 'events_undefined'; readonly events: readonly string[] }
  /** Events are sent as the bot, which does not define these, or whose definitions cannot be read. */
  | { readonly kind: 'no_trigger'; readonly events: readonly string[] }
  /** Any other error response: an unpaid workspace, a rate limit, a proxy. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'not_reachable'; readonly reason: string };

/** Whether the integration's event definitions could be compared; if not, the reason is shown to the operator. */
export type DefinitionsCheck = { readonly known: true } | { readonly known: false; readonly reason: string };

export interface CheckOptions {
  /** Milliseconds to wait for a response. */
  readonly timeout: number;
  /** Required by the Admin API for personal access tokens; the Runtime API ignores it. */
  readonly workspaceId?: string | undefined;
  /** Resolves when a call may start. Without it calls start at once. */
  readonly acquireCall?: AcquireCall;
  /** Accepts events sent as a bot whose definitions cannot be read. Bots in Studio define none. */
  readonly botEvents?: boolean | undefined;
}

/**
 * Checks that bot, token and integration are accepted, and that the integration defines the events. Calls
 * listEvents of the Runtime API, and getIntegration and getBot of the Admin API; all only read. Never rejects.
 *
 * @param events bare names of the events that the connections send
 */
export async function checkTarget(
  target: BotTarget,
  events: readonly string[],
  options: CheckOptions,
): Promise<TargetCheck> {
  const probe = await probeBot(target, options);
  switch (probe.kind) {
    case 'no_answer':
      return { kind: 'not_reachable', reason: probe.reason };
    case 'refused':
      return classifyRefusal(target, probe.refusal, options);
    case 'answered':
      if (Array.isArray(memberOf(probe.body, 'events'))) return checkDefinitions(target, events, options);
      return { kind: 'refused', reason: 'answered 200 without a list of events' };
  }
}

function probeBot(target: BotTarget, options: CheckOptions): Promise<ReadResult> {
  return readOnce(target, options, (client) => client.listEvents({ pageSize: 1 }));
}

async function classifyRefusal(
  target: BotTarget,
  { status, type }: Refusal,
  options: CheckOptions,
): Promise<TargetCheck> {
  if (status === 401 || (status === 403 && type !== 'QuotaExceeded')) {
    return { kind: 'token_refused', status };
  }
  // The type excludes a 404 of a proxy in between.
  if (status !== 404 || type !== 'ResourceNotFound') {
    return { kind: 'refused', reason: `answered ${status} ${type}` };
  }
  return (await isBotKnown(target, options)) ? { kind: 'integration_unknown' } : { kind: 'bot_unknown' };
}

/** A 404 may mean the bot or the integration. A call without the integration shows which. */
async function isBotKnown(
  { apiUrl, botId, token, integrationId, integrationAlias }: BotTarget,
  options: CheckOptions,
): Promise<boolean> {
  if (integrationId === undefined && integrationAlias === undefined) return false;
  return (await probeBot({ apiUrl, botId, token }, options)).kind === 'answered';
}

async function checkDefinitions(
  target: BotTarget,
  events: readonly string[],
  options: CheckOptions,
): Promise<TargetCheck> {
  const { apiUrl, token, botId, integrationId } = target;
  if (integrationId === undefined) {
    if (target.integrationAlias === undefined) return checkBotEvents(target, events, options);
    return definitionsUnknown(
      'reading definitions requires an integrationId, and the connection has only an alias',
    );
  }
  const result = await readOnce({ apiUrl, token, botId, integrationId }, options, (client) =>
    client.getIntegration({ id: integrationId }),
  );
  switch (result.kind) {
    case 'no_answer':
      return definitionsUnknown(`definitions could not be read: ${result.reason}`);
    case 'refused':
      return explainUnreadable(result.refusal, options);
    case 'answered': {
      const defined = memberOf(memberOf(result.body, 'integration'), 'events');
      if (typeof defined !== 'object' || defined === null) {
        return definitionsUnknown('definitions could not be read: not a Botpress response');
      }
      const missing = events.filter((event) => !Object.hasOwn(defined, event));
      if (missing.length > 0) return { kind: 'events_undefined', events: missing };
      return (await isInstalled(target, integrationId, options)) === false
        ? { kind: 'not_installed' }
        : { kind: 'ok', definitions: { known: true } };
    }
  }
}

/** Returns whether the bot has installed and enabled the integration; `undefined` if this cannot be read. */
async function isInstalled(
  target: BotTarget,
  integrationId: string,
  options: CheckOptions,
): Promise<boolean | undefined> {
  const installed = memberOf(await readBot(target, options), 'integrations');
  if (typeof installed !== 'object' || installed === null) return undefined;
  // The keys are ids or aliases, depending on a header.
  return Object.values(installed).some(
    (one) => memberOf(one, 'id') === integrationId && memberOf(one, 'enabled') !== false,
  );
}

/** Returns the bot as the Admin API describes it; `undefined` if the token may not read it. */
async function readBot({ apiUrl, token, botId }: BotTarget, options: CheckOptions): Promise<unknown> {
  const result = await readOnce({ apiUrl, token, botId }, options, (client) => client.getBot({ id: botId }));
  return result.kind === 'answered' ? memberOf(result.body, 'bot') : undefined;
}

/** Checks events that are sent as the bot: only ADK and SDK bots define events of this kind. */
async function checkBotEvents(
  target: BotTarget,
  events: readonly string[],
  options: CheckOptions,
): Promise<TargetCheck> {
  if (events.length === 0) return { kind: 'ok', definitions: { known: true } };
  const defined = memberOf(await readBot(target, options), 'events');
  if (typeof defined !== 'object' || defined === null) {
    return options.botEvents
      ? definitionsUnknown('events are sent as the bot, without an integration')
      : { kind: 'no_trigger', events };
  }
  const missing = events.filter((event) => !Object.hasOwn(defined, event));
  if (missing.length > 0) return { kind: 'no_trigger', events: missing };
  return { kind: 'ok', definitions: { known: true } };
}

/**
 * Keys of a bot or an integration may use only the Runtime API. A personal access token with the id of its
 * workspace may read definitions (https://botpress.com/docs/api-reference/authentication).
 */
function explainUnreadable({ status, type }: Refusal, { workspaceId }: CheckOptions): TargetCheck {
  if (status === 404 && type === 'ResourceNotFound') return { kind: 'integration_unknown' };
  const hint = workspaceId === undefined ? '; a personal access token may, with --workspace' : '';
  return definitionsUnknown(`the token may not read definitions (${status})${hint}`);
}

function definitionsUnknown(reason: string): TargetCheck {
  return { kind: 'ok', definitions: { known: false, reason } };
}

type ReadResult =
  | { readonly kind: 'answered'; readonly body: unknown }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** No response, or a gateway's error for an unreachable backend. */
  | { readonly kind: 'no_answer'; readonly reason: string };

/** Makes one read-only call as the target, without retries. Never rejects. */
async function readOnce(
  target: Partial<BotTarget> & Pick<BotTarget, 'botId'>,
  { timeout, workspaceId, acquireCall }: CheckOptions,
  read: (client: Client) => Promise<unknown>,
): Promise<ReadResult> {
  await acquireCall?.(target);
  const identity = { ...target, ...(workspaceId === undefined ? {} : { workspaceId }) };
  const result = await new BotClient(identity, { timeout, now: Date.now }).call(read);
  switch (result.kind) {
    case 'answered':
    case 'refused':
      return result;
    case 'not_sent':
    case 'ambiguous':
      return { kind: 'no_answer', reason: result.reason };
  }
}
