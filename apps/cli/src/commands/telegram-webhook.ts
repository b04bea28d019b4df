import type { Connection } from '@sluice/config';
import { formatTime, oneLine } from '../render/format.ts';

/** Who gets the updates of a Telegram bot, as printed and as JSON. Contains neither token nor secret. */
export interface TelegramCheck {
  readonly result:
    | 'ok'
    /** Another address is registered: Sluice receives nothing. */
    | 'elsewhere'
    /** No address is registered. */
    | 'none'
    | 'updates_missing'
    | 'token_refused'
    | 'not_reachable';
  /** The problem and its fix; null if ok. */
  readonly detail: string | null;
  /** Origin of the registered address. The path of another receiver may be its only secret. */
  readonly receiver: string | null;
  /** Updates that Telegram has not delivered yet. */
  readonly pending: number | null;
  /** Last failed delivery by Telegram. */
  readonly lastError: string | null;
  /** Kinds of updates that enabled topics require and Telegram leaves out. */
  readonly missingUpdates: readonly string[];
  /** Circumstances that do not fail the check. */
  readonly notes: readonly string[];
}

/** The part of the result of getWebhookInfo that is used (https://core.telegram.org/bots/api#webhookinfo). */
interface WebhookInfo {
  readonly url: string;
  readonly pending_update_count?: number;
  readonly last_error_date?: number;
  readonly last_error_message?: string;
  readonly allowed_updates?: readonly string[];
}

/** Returns the result of getWebhookInfo, or `undefined` if the body is another one. */
function readWebhookInfo(body: unknown): WebhookInfo | undefined {
  const { result } = Object(body) as { readonly result?: Partial<WebhookInfo> };
  return typeof result?.url === 'string' ? (result as WebhookInfo) : undefined;
}

export interface TelegramCheckOptions {
  /** Base URL of the Bot API. */
  readonly apiUrl: string;
  /** Milliseconds to wait for a response. */
  readonly timeout: number;
}

/**
 * Calls getWebhookInfo of a connection whose settings have a `botToken`. Only reads; never rejects.
 *
 * @returns `undefined` for any other connection
 */
export async function checkTelegramWebhook(
  connection: Connection,
  { apiUrl, timeout }: TelegramCheckOptions,
): Promise<TelegramCheck | undefined> {
  const token = botTokenOf(connection);
  if (token === undefined) return undefined;
  let response: Response;
  let body: unknown;
  try {
    const signal = AbortSignal.timeout(timeout);
    response = await fetch(`${apiUrl}/bot${token}/getWebhookInfo`, { signal, redirect: 'manual' });
    body = await response.json();
  } catch {
    // The error quotes the URL, which contains the token.
    return failed('not_reachable', 'the Bot API did not respond: check the network and TELEGRAM_API_URL');
  }
  if (response.status === 401 || response.status === 404) {
    return failed('token_refused', `bot token rejected (${response.status}): check settings.botToken`);
  }
  const info = readWebhookInfo(body);
  if (!info) return failed('not_reachable', `the Bot API returned ${response.status} without a webhook`);
  return assess(connection, info);
}

function botTokenOf({ source, settings }: Connection): string | undefined {
  if (source.name !== 'telegram') return undefined;
  const { botToken } = settings as { readonly botToken?: () => string };
  return botToken?.();
}

function failed(result: TelegramCheck['result'], detail: string): TelegramCheck {
  return { result, detail, receiver: null, pending: null, lastError: null, missingUpdates: [], notes: [] };
}

function assess(connection: Connection, info: WebhookInfo): TelegramCheck {
  const url = URL.canParse(info.url) ? new URL(info.url) : undefined;
  const state = {
    receiver: url?.origin ?? null,
    pending: info.pending_update_count ?? null,
    lastError: lastErrorOf(info),
    missingUpdates: missingUpdates(connection, info),
    notes: [] as readonly string[],
  };
  const register = 'call setWebhook with the address of Sluice (docs/how-to/connect-telegram.md)';
  if (!url) return { ...state, result: 'none', detail: `no webhook is registered: ${register}` };
  if (!url.pathname.endsWith(`/webhooks/${connection.id}`)) {
    const fix = connection.forward
      ? `${register} again after each change of the integration`
      : `set forward.url to that receiver and ${register}, or remove the connection`;
    const detail = `${url.origin} has the webhook, so Sluice receives nothing: ${fix}`;
    return { ...state, result: 'elsewhere', detail };
  }
  const notes = connection.forward
    ? []
    : ['a Telegram channel of Botpress for this bot receives nothing; set forward.url if it has one'];
  if (state.missingUpdates.length > 0) {
    const detail = `Telegram leaves out ${state.missingUpdates.join(', ')}: add them to allowed_updates of setWebhook`;
    return { ...state, notes, result: 'updates_missing', detail };
  }
  return { ...state, notes, result: 'ok', detail: null };
}

/** Most characters of a message of Telegram. */
const MAX_MESSAGE = 200;

function lastErrorOf({ last_error_date: at, last_error_message: message = '' }: WebhookInfo): string | null {
  return at === undefined ? null : `${formatTime(at * 1_000)} ${oneLine(message).slice(0, MAX_MESSAGE)}`;
}

/** Kinds of updates that Telegram leaves out unless they are listed. */
const NOT_BY_DEFAULT = ['chat_member', 'message_reaction', 'message_reaction_count'];

/** Returns the kinds of updates of the enabled topics that Telegram leaves out. A topic starts with its kind. */
function missingUpdates({ events }: Connection, { allowed_updates: allowed = [] }: WebhookInfo): string[] {
  const topics = [...events].flatMap(([topic, event]) => (event ? [topic] : []));
  const kinds = new Set(topics.map((topic) => topic.split('.', 1)[0] ?? ''));
  const isSent = (kind: string) =>
    allowed.length > 0 ? allowed.includes(kind) : !NOT_BY_DEFAULT.includes(kind);
  return [...kinds].filter((kind) => kind !== '*' && !isSent(kind)).sort();
}

/** Renders a check as lines, the problem first. */
export function renderTelegram(id: string, check: TelegramCheck): string[] {
  const { result, detail, receiver, pending, lastError, notes } = check;
  const state = receiver === null ? [] : [`webhook at ${receiver}`, `${pending ?? '?'} updates pending`];
  return [
    `Telegram: ${id}: ${[result === 'ok' ? 'ok' : detail, ...state].join('; ')}`,
    ...(lastError === null ? [] : [`Telegram: ${id}: last error ${lastError}`]),
    ...notes.map((note) => `Note: ${id}: ${note}`),
  ];
}
