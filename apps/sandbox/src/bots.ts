import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { Clock, NewId } from './clock-and-ids.ts';
import { createRateWindow, type RateWindow, rateHeaders } from './rate-window.ts';
import {
  type ApiError,
  type ApiErrorType,
  type ApiResponse,
  apiError,
  errorResponse,
  type ResponseHeaders,
} from './responses.ts';

/** The caller of a request: a bot, or with `integrationId` an integration installed on it. */
export interface Caller {
  readonly botId: string;
  readonly token: string;
  readonly integrationId: string | undefined;
  readonly integrationAlias: string | undefined;
}

/** The error of a bot in each state. */
const STATE_ERRORS = {
  active: undefined,
  revoked: 'Unauthorized',
  forbidden: 'Forbidden',
  missing: 'ResourceNotFound',
  unpaid: 'PaymentRequired',
} as const satisfies Record<string, ApiErrorType | undefined>;

export const botSettings = z.strictObject({
  /** The only valid token. Absent: any token is valid. */
  token: z.string().min(1).optional(),
  state: z.enum(['active', 'revoked', 'forbidden', 'missing', 'unpaid']).default('active'),
  /** null: unlimited. Absent: the limit that the sandbox was started with. */
  eventsPerMinute: z.int().min(1).nullable().optional(),
});

export type BotSettings = z.output<typeof botSettings>;

/** The registered bots. Every other bot is active and accepts any token. */
export interface Bots {
  /** Registers or replaces a bot; its rate window starts empty. */
  put(botId: string, settings: BotSettings): void;
  /** Removes a registration. Returns false if the bot is not registered. */
  remove(botId: string): boolean;
  /** Removes all registrations and rate windows. Returns the number of registrations. */
  clear(): number;
  list(): Iterable<readonly [string, BotSettings]>;
  /** Returns the error of a caller without access; undefined if it has access. */
  checkAccess(caller: Caller): ApiError | undefined;
  /** Returns the bot's rate window; undefined if the bot has no limit. */
  windowOf(botId: string): RateWindow | undefined;
}

/**
 * Creates an empty registry of bots.
 *
 * @param eventsPerMinute limit of bots without their own; null means unlimited
 */
export function createBots(eventsPerMinute: number | null): Bots {
  const registered = new Map<string, BotSettings>();
  const windows = new Map<string, RateWindow>();
  return {
    put(botId, settings) {
      registered.set(botId, settings);
      windows.delete(botId);
    },
    remove(botId) {
      windows.delete(botId);
      return registered.delete(botId);
    },
    clear() {
      const count = registered.size;
      registered.clear();
      windows.clear();
      return count;
    },
    list: () => registered,
    checkAccess(caller) {
      const bot = registered.get(caller.botId);
      if (!bot) return undefined;
      const error = STATE_ERRORS[bot.state];
      if (error) return apiError(error, `The bot is registered with the state ${bot.state}.`);
      const isWrongToken = bot.token !== undefined && bot.token !== caller.token;
      return isWrongToken ? apiError('Unauthorized', "The token is not the bot's token.") : undefined;
    },
    windowOf(botId) {
      const own = registered.get(botId)?.eventsPerMinute;
      const limit = own === undefined ? eventsPerMinute : own;
      if (limit === null) return undefined;
      const window = windows.get(botId) ?? createRateWindow(limit);
      windows.set(botId, window);
      return window;
    },
  };
}

export type AdmissionResult =
  | { readonly ok: true; readonly caller: Caller; readonly headers: ResponseHeaders }
  | { readonly ok: false; readonly response: ApiResponse };

/**
 * Checks whether a call may proceed: first its identity, then the bot, then the bot's rate limit.
 *
 * @param isCounted whether the call counts against the limit: true for creating, false for reading
 */
export function admit(
  { bots, clock, newId }: { readonly bots: Bots; readonly clock: Clock; readonly newId: NewId },
  requestHeaders: IncomingHttpHeaders,
  isCounted: boolean,
): AdmissionResult {
  const identity = identify(requestHeaders);
  if (!identity.ok) return { ok: false, response: errorResponse(identity.error, newId('err')) };
  const { caller } = identity;
  const error = bots.checkAccess(caller);
  if (error) return { ok: false, response: errorResponse(error, newId('err')) };

  const window = bots.windowOf(caller.botId);
  if (!window) return { ok: true, caller, headers: {} };
  const state = isCounted ? window.take(clock.now()) : window.peek(clock.now());
  if (isCounted && !state.allowed) {
    const limited = apiError('RateLimited', `The limit of ${state.limit} events per minute is reached.`);
    return { ok: false, response: errorResponse(limited, newId('err'), rateHeaders(state)) };
  }
  // The limit never rejects a read, so a read gets no Retry-After.
  return { ok: true, caller, headers: rateHeaders({ ...state, allowed: true }) };
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
