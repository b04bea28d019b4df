import { extension } from '../bullmq/extension.ts';
import { LUA_LAYOUT } from '../bullmq/layout.ts';
import { AUDIT_LINES } from '../keys.ts';
import { luaNames, luaScript } from '../redis/scripts.ts';

/** Deliveries that one call of `dispatch` handles at most: about 5 ms of Redis' time. */
export const DISPATCHED_AT_ONCE = 200;

/** Fields of a bot's hash whose stored names differ from today's terms. In Lua: `BOT_REPORTED_LIMIT`, … */
export const BOT_FIELDS = {
  /** The limit that Botpress reported. */
  reportedLimit: 'told', // allow-word: stored name
  reportedAt: 'toldAt', // allow-word: stored name
} as const;

/** Milliseconds in `_AFTER`, `_LASTS` and `_TIMEOUT`. */
const CONSTANTS = {
  ...LUA_LAYOUT,
  ...luaNames('BOT', BOT_FIELDS),
  AUDIT_LINES,
  /** Age at which an unused permit is void: its delivery asks again like any other. */
  PERMIT_LASTS: 60_000,
  /** Age at which an unused permit is checked. */
  CHECK_AFTER: 2_000,
  /** Delay until a held or paced delivery asks again if it is not dispatched; a paced one can be dispatched any time. */
  HELD_TIMEOUT: 3_600_000,
  PACED_TIMEOUT: 60_000,
  /**
   * Milliseconds. A delivery that has to wait longer for other calls of its connection does so in the queue, unless it
   * has a permit: permits are no more than the bot has tokens, while thousands of others would come and go.
   */
  SOON: 1_000,
  /**
   * Permits that are not used, of all bots. Their deliveries go before all others that exceed their limit, so this
   * bounds how far they fill the workers' queue if the workers cannot keep up.
   */
  MOST_PERMITS: 500,
  /** BullMQ's priority of a delivery with a permit: the first, as of a delivery within its limit. */
  PERMIT_PRIORITY: 1,
  /** Delay until another probe is sent if the last one has not asked for a permit. */
  PROBE_LOST_AFTER: 10_000,
  /** Microseconds: 126 years. Added to today's time it is still an integer that a score holds exactly. */
  REPLAYS_BEHIND: 4e15,
  /** Pauses after a 429 that states none: the first, the longest, and for how long after its end one is doubled. */
  FIRST_BACKOFF: 1_000,
  LONGEST_BACKOFF: 60_000,
  FORGOTTEN_AFTER: 5_000,
  /** A bot that asks for a longer pause is asked again after an hour: a mistake must not stop a bot for days. */
  LONGEST_PAUSE: 3_600_000,
  /** The same for the time until a minute's limit is whole again. */
  LONGEST_RESET: 120_000,
  /**
   * A read may reserve a call that many milliseconds ahead. A window further ahead than that shows that Redis' clock was
   * set back.
   */
  LONGEST_RESERVATION: 10_000,
  /** A window is crowded for as long after the dispatcher last found a bot that it makes wait. */
  CROWDED_FOR: 1_000,
  /** 429s within this many milliseconds count as one: their calls were in flight together. */
  ONE_REDUCTION: 10_000,
} as const;

const script = (name: string, keys: number) =>
  luaScript(import.meta.url, `./lua/${name}.lua`, { keys, constants: CONSTANTS });

/** What a worker runs. */
export const SCHEDULER_SCRIPTS = {
  acquire: script('acquire', 1),
  clearAttempt: script('clear-attempt', 1),
  pauseBot: script('pause-bot', 1),
  recordLimit: script('record-limit', 1),
  recordFailure: script('record-failure', 2),
  recordSuccess: script('record-success', 2),
} as const;

/** What takes calls that only read, and what reads the counts of workspaces. */
export const WINDOW_SCRIPTS = {
  takeCall: script('take-call', 1),
  readWindows: script('read-windows', 1),
} as const;

/** What an operator runs. */
export const OPERATOR_SCRIPTS = {
  pauseConnection: script('pause-connection', 2),
  resumeConnection: script('resume-connection', 2),
  heldConnections: script('held-connections', 1),
  oldestQueued: script('oldest-queued', 2),
} as const;

export const PARK = extension(import.meta.url, './lua/park.lua', {
  extended: 'moveToDelayed',
  keys: ['base'],
  args: ['connection', 'bot', 'share', 'limit', 'window'],
  constants: CONSTANTS,
});

export const DISPATCH = extension(import.meta.url, './lua/dispatch.lua', {
  extended: 'promote',
  keys: ['base'],
  args: ['most'],
  constants: CONSTANTS,
});
