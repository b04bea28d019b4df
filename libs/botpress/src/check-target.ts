import type { Client } from '@botpress/client';
import { BotClient, type BotTarget } from './bot-client.ts';
import type { Refusal } from './results.ts';

/** Whether a target would take events, as far as it can be asked without creating one. */
export type TargetCheck =
  | { readonly kind: 'ok'; readonly definitions: Definitions }
  /** 401, or 403: it is not a token of this bot. */
  | { readonly kind: 'token_refused'; readonly status: number }
  | { readonly kind: 'bot_unknown' }
  | { readonly kind: 'integration_unknown' }
  /** All answers, but the integration does not define these. */
  | { readonly kind: 'events_undefined'; readonly events: readonly string[] }
  /** Somebody answered, but neither yes nor no: an unpaid workspace, a limit, a proxy. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'not_reachable'; readonly why: string };

/** Whether the integration's event definitions were compared; `why` not is for the operator. */
export type Definitions = { readonly known: true } | { readonly known: false; readonly why: string };

/**
 * Tells whether bot, token and integration answer, and whether the integration defines the events. It only
 * reads: listEvents of the Runtime API, and getIntegration of the Admin API. Never rejects.
 *
 * @param events bare names that will be sent
 */
export async function checkTarget(
  target: BotTarget,
  events: readonly string[],
  options: ReadOptions,
): Promise<TargetCheck> {
  const runtime = await askRuntime(target, options);
  switch (runtime.kind) {
    case 'silent':
      return { kind: 'not_reachable', why: runtime.why };
    case 'refused':
      return explainRefusal(target, runtime.refusal, options);
    case 'answered':
      if (isEventList(runtime.body)) return checkDefinitions(target, events, options);
      return { kind: 'refused', why: 'answered 200, but not as Botpress does' };
  }
}

function askRuntime(target: BotTarget, options: ReadOptions): Promise<Reply<unknown>> {
  return callOnce<unknown>(target, options, (client) => client.listEvents({ pageSize: 1 }));
}

async function explainRefusal(
  target: BotTarget,
  refusal: Refusal,
  options: ReadOptions,
): Promise<TargetCheck> {
  const { status, type } = refusal;
  if (status === 401 || (status === 403 && type !== 'QuotaExceeded'))
    return { kind: 'token_refused', status };
  // A proxy in between has 404s of its own.
  if (status !== 404 || type !== 'ResourceNotFound') {
    return { kind: 'refused', why: `answered ${status} ${type}` };
  }
  return (await isBotKnown(target, options)) ? { kind: 'integration_unknown' } : { kind: 'bot_unknown' };
}

/** Bot or integration may be what was not found; without the integration only the bot is left. */
async function isBotKnown(
  { apiUrl, botId, token, integrationId, integrationAlias }: BotTarget,
  options: ReadOptions,
): Promise<boolean> {
  if (integrationId === undefined && integrationAlias === undefined) return false;
  return (await askRuntime({ apiUrl, botId, token }, options)).kind === 'answered';
}

async function checkDefinitions(
  target: BotTarget,
  events: readonly string[],
  options: ReadOptions,
): Promise<TargetCheck> {
  const { apiUrl, token, botId, integrationId } = target;
  if (integrationId === undefined) {
    const why =
      target.integrationAlias === undefined
        ? 'sent as the bot, without an integration'
        : 'definitions are found by integrationId, and there is only an alias';
    return ok({ known: false, why });
  }
  const reply = await callOnce<unknown>({ apiUrl, token, botId, integrationId }, options, (client) =>
    client.getIntegration({ id: integrationId }),
  );
  switch (reply.kind) {
    case 'silent':
      return ok({ known: false, why: `definitions could not be read: ${reply.why}` });
    case 'refused':
      return explainUnread(reply.refusal, options);
    case 'answered': {
      const defined = definedEvents(reply.body);
      if (!defined)
        return ok({ known: false, why: 'definitions could not be read: not as Botpress answers' });
      const missing = events.filter((event) => !defined.has(event));
      return missing.length > 0 ? { kind: 'events_undefined', events: missing } : ok({ known: true });
    }
  }
}

/**
 * Keys of a bot or an integration may use the Runtime API only; a personal access token may read
 * definitions, with the id of its workspace (https://botpress.com/docs/api-reference/authentication).
 */
function explainUnread({ status, type }: Refusal, { workspaceId }: ReadOptions): TargetCheck {
  if (status === 404 && type === 'ResourceNotFound') return { kind: 'integration_unknown' };
  const hint = workspaceId === undefined ? '; a personal access token may, with --workspace' : '';
  return ok({ known: false, why: `the token may not read definitions (${status})${hint}` });
}

function ok(definitions: Definitions): TargetCheck {
  return { kind: 'ok', definitions };
}

function isEventList(body: unknown): boolean {
  return Array.isArray(memberOf(body, 'events'));
}

function definedEvents(body: unknown): ReadonlySet<string> | undefined {
  const events = memberOf(memberOf(body, 'integration'), 'events');
  return typeof events === 'object' && events !== null ? new Set(Object.keys(events)) : undefined;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** What one reading call came to. */
export type Reply<T> =
  | { readonly kind: 'answered'; readonly body: T }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Nobody answered, or a gateway did for a backend that it could not reach. */
  | { readonly kind: 'silent'; readonly why: string };

export interface ReadOptions {
  /** Milliseconds until an answer counts as lost. */
  readonly timeout: number;
  /** The Admin API wants it; the Runtime API does not mind it. */
  readonly workspaceId?: string | undefined;
}

/** Makes one call that only reads, as the target, once and without retries. Never rejects. */
async function callOnce<T>(
  target: Partial<BotTarget>,
  { timeout, workspaceId }: ReadOptions,
  read: (client: Client) => Promise<T>,
): Promise<Reply<T>> {
  const caller = { ...target, ...(workspaceId === undefined ? {} : { workspaceId }) };
  const result = await new BotClient(caller, { timeout, now: Date.now }).call(read);
  switch (result.kind) {
    case 'answered':
    case 'refused':
      return result;
    case 'not_sent':
    case 'ambiguous':
      return { kind: 'silent', why: result.why };
  }
}
