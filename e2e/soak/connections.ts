import type { ConnectionEntry } from '../faults/connections-file.ts';

/**
 * Events a minute of the bot that two share: 40 a second, while it gets about 22. What has piled up during a fault
 * is paced, waits in lanes, and yet drains in seconds.
 */
const SHARED = 2_400;

/** Two that share a bot, one with a bot of its own, and the user's module. */
export const connections = [
  { id: 'shop-a', bot: 'shared-bot', eventsPerMinute: SHARED },
  { id: 'shop-b', bot: 'shared-bot', eventsPerMinute: SHARED },
  { id: 'solo', bot: 'solo-bot' },
  { id: 'trouble', source: 'trouble', bot: 'trouble-bot' },
] as const satisfies readonly ConnectionEntry[];

/** For faults that strike one bot, or one connection. */
export const BOTS = ['shared-bot', 'solo-bot', 'trouble-bot'] as const;
export const CONNECTION_IDS = ['shop-a', 'shop-b', 'solo', 'trouble'] as const;
