import { z } from 'zod';
import { type ApiErrorType, type Refusal, refuse } from './api-error.ts';
import type { Caller } from './identity.ts';
import { createRateWindow, type RateWindow } from './rate-window.ts';

/** What each state of a bot is answered with. */
const REFUSALS = {
  active: undefined,
  revoked: 'Unauthorized',
  forbidden: 'Forbidden',
  missing: 'ResourceNotFound',
  unpaid: 'PaymentRequired',
} as const satisfies Record<string, ApiErrorType | undefined>;

export const botSettings = z.strictObject({
  /** Without one, any token is right. */
  token: z.string().min(1).optional(),
  state: z.enum(['active', 'revoked', 'forbidden', 'missing', 'unpaid']).default('active'),
  /** null: no limit. Absent: the limit that the sandbox was started with. */
  eventsPerMinute: z.int().min(1).nullable().optional(),
});

export type BotSettings = z.output<typeof botSettings>;

/** The bots that are known by more than their id; every other bot is active and takes any token. */
export interface Bots {
  /** Registers or replaces; its rate window starts anew. */
  put(botId: string, settings: BotSettings): void;
  /** Forgets what was registered; false when there was nothing. */
  remove(botId: string): boolean;
  /** Forgets all, rate windows too; returns how many were registered. */
  clear(): number;
  list(): Iterable<readonly [string, BotSettings]>;
  /** Why this caller may not, if so. */
  refusalOf(caller: Caller): Refusal | undefined;
  /** The bot's rate window; undefined when it has no limit. */
  windowOf(botId: string): RateWindow | undefined;
}

/** Makes the bots. `eventsPerMinute` is the limit of each that has none of its own; null is no limit. */
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
    refusalOf(caller) {
      const bot = registered.get(caller.botId);
      if (!bot) return undefined;
      const error = REFUSALS[bot.state];
      if (error) return refuse(error, `the bot is registered as ${bot.state}`);
      const wrongToken = bot.token !== undefined && bot.token !== caller.token;
      return wrongToken ? refuse('Unauthorized', 'the token is not that of this bot') : undefined;
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
