import { z } from 'zod';
import { eventDefinitions } from './event-registry.ts';
import { type ApiError, type ApiErrorType, apiError } from './responses.ts';

/** The caller of a request: a bot, or with `integrationId` an integration installed on it. */
export interface Caller {
  readonly botId: string;
  readonly token: string;
  readonly integrationId: string | undefined;
  /** Prefix of event types: the alias of the request or of the installation, else the integration's name. */
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
  /** null: unlimited. Absent: the mode `eventsPerMinute`. */
  eventsPerMinute: z.int().min(1).nullable().optional(),
  workspaceId: z.string().min(1).default('default'),
  /** Alias of each installed integration → its id. */
  integrations: z.record(z.string().min(1), z.string().min(1)).default({}),
  /** The bot's own events, as of an ADK or SDK bot. */
  events: eventDefinitions.optional(),
});

export type BotSettings = z.output<typeof botSettings>;

const DEFAULT_SETTINGS: BotSettings = botSettings.parse({});

/** The registered bots. Every other bot is active, accepts any token and has no installed integration. */
export interface Bots {
  /** Registers or replaces a bot. */
  put(botId: string, settings: BotSettings): void;
  /** Removes a registration. Returns false if the bot is not registered. */
  remove(botId: string): boolean;
  /** Removes all registrations. Returns their number. */
  clear(): number;
  list(): Iterable<readonly [string, BotSettings]>;
  /** Returns the error of a caller without access; undefined if it has access. */
  checkAccess(caller: Caller): ApiError | undefined;
  /** Returns the settings of a bot, registered or not. */
  get(botId: string): BotSettings;
}

/** Creates an empty registry of bots. */
export function createBots(): Bots {
  const registered = new Map<string, BotSettings>();
  return {
    put: (botId, settings) => void registered.set(botId, settings),
    remove: (botId) => registered.delete(botId),
    clear() {
      const count = registered.size;
      registered.clear();
      return count;
    },
    list: () => registered,
    get: (botId) => registered.get(botId) ?? DEFAULT_SETTINGS,
    checkAccess(caller) {
      const bot = registered.get(caller.botId);
      if (!bot) return undefined;
      const error = STATE_ERRORS[bot.state];
      if (error) return apiError(error, `The bot is registered with the state ${bot.state}.`);
      const isWrongToken = bot.token !== undefined && bot.token !== caller.token;
      return isWrongToken ? apiError('Unauthorized', "The token is not the bot's token.") : undefined;
    },
  };
}
