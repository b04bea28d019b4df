import type { ConnectionEntry } from '../faults/connections-file.ts';

/**
 * Rate limit of the shared bot per minute: 40 events a second, while it receives about 22. A backlog of a fault is
 * paced, waits in the connection queues, and still drains within seconds.
 */
const SHARED = 2_400;

/** Two connections that share a bot, one with its own bot, and one of the source module. */
export const connections = [
  { id: 'shop-a', bot: 'shared-bot', eventsPerMinute: SHARED },
  { id: 'shop-b', bot: 'shared-bot', eventsPerMinute: SHARED },
  { id: 'solo', bot: 'solo-bot' },
  { id: 'trouble', source: 'trouble', bot: 'trouble-bot' },
] as const satisfies readonly ConnectionEntry[];

/** The target of faults that affect one bot or one connection. */
export const BOTS = ['shared-bot', 'solo-bot', 'trouble-bot'] as const;
export const CONNECTION_IDS = ['shop-a', 'shop-b', 'solo', 'trouble'] as const;
