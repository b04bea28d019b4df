import type { Ledger, NewestDelivered } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import type { ConsoleContext } from '../context.ts';
import { redisUnavailable } from '../http/problem.ts';
import { readSystemState } from '../notifications/collect-alerts.ts';
import { findAttention } from '../overview/attention.ts';
import { drainTime, findSilence, type RateHistory, type Traffic } from '../overview/rate-history.ts';
import { count, moment } from '../schemas/common.ts';
import { connectionSchema, viewConnections } from './connections.ts';

const perMinute = z.object({ webhooks: count, events: count });

const overviewConnection = connectionSchema
  .extend({
    perMinute: perMinute.describe('the last 60 seconds, or since this console began to measure'),
    history: z
      .array(perMinute.extend({ at: moment }))
      .describe(
        'one point per measured minute, the last one incomplete; empty for idle connections if there are more than 50',
      ),
    pending: z.int(),
    oldestWaiting: moment.nullable().describe('receipt of the delivery that waits longest for its bot'),
    dead: z.int(),
    drainSeconds: z
      .int()
      .nullable()
      .describe('time to deliver what is pending; null if it does not decrease or the connection is held'),
    lastSeen: moment.nullable().describe('time of the last webhooks that this console measured'),
    lagMs: z.int().nullable().describe('time from webhook to event of the last delivered delivery'),
  })
  .meta({ id: 'OverviewConnection' });

const attentionSchema = z
  .object({
    severity: z.enum(['page', 'ticket', 'note']),
    connection: z.string().optional(),
    text: z.string(),
    to: z.string().describe('path in the page'),
  })
  .meta({ id: 'Attention', description: 'Condition that needs attention.' });

export const overviewSchema = z
  .object({
    at: moment,
    since: moment.describe('time since which this console measures rates'),
    connections: z.array(overviewConnection),
    queue: z.object({ waiting: count, active: count, delayed: count, dead: count }),
    oldestWaiting: moment.nullable().describe('receipt of the oldest delivery without an attempt'),
    hasWorkers: z.boolean().nullable().describe('null if Redis does not permit the query'),
    redis: z
      .object({ used: count, limit: count.describe('0 without a limit') })
      .describe('memory in bytes, of the fullest shard'),
    ledger: z.object({ holds: z.boolean(), total: z.record(z.string(), z.int()) }),
    attention: z.array(attentionSchema).describe('most urgent first'),
  })
  .meta({ id: 'Overview' });

type OverviewConnection = z.output<typeof overviewConnection>;

export const getOverview = defineOperation({
  id: 'getOverview',
  method: 'get',
  path: '/overview',
  role: 'viewer',
  summary: 'Get what needs attention, the rates and the pending deliveries of all connections',
  description: 'Rates are measured for ten minutes after each request and kept for one hour.',
  response: overviewSchema,
  handle: async (_input, context) => readOverview(context),
});

const HOUR_MS = 3_600_000;

/** @throws Problem `unavailable` if Redis does not answer */
async function readOverview(context: ConsoleContext): Promise<z.output<typeof overviewSchema>> {
  const { rates, now, stats, connections } = context;
  const hourAgo = now() - HOUR_MS;
  const [state, ledger, newest, recentlyDead] = await Promise.all([
    readSystemState(context),
    rates.sample(),
    stats.readNewest(),
    stats.countDeadSince(hourAgo),
  ]);
  if (!state || !newest || recentlyDead === undefined) throw redisUnavailable();
  const at = now();
  const { history } = rates;
  const shown = viewConnections(connections(), state.holds);
  const traffic = new Map(shown.map(({ id }) => [id, history.read(id, at)]));
  const { redis } = state;
  const waiting = ledger.rows.filter(({ pending }) => pending > 0).map(({ connection }) => connection);
  const oldest = await context.scheduler.oldestQueued(waiting);
  return {
    ...{ at, since: history.since ?? at, queue: state.deliveries },
    connections: viewConnectionsWithRates({ shown, traffic, ledger, newest, oldest }),
    oldestWaiting: state.oldest ?? null,
    hasWorkers: state.hasWorkers ?? null,
    redis: { used: redis.usedBytes, limit: redis.maxBytes },
    ledger: { holds: ledger.holds, total: { ...ledger.total } },
    attention: [
      ...findAttention({
        ...{ state, recentlyDead, hourAgo },
        ledgerHolds: ledger.holds,
        silent: silencesOf(traffic),
        now: at,
      }),
    ],
  };
}

function silencesOf(traffic: ReadonlyMap<string, Traffic>): ReadonlyMap<string, number> {
  return new Map(
    [...traffic].flatMap(([id, { history }]) => {
      const minutes = findSilence(history);
      return minutes === undefined ? [] : [[id, minutes] as const];
    }),
  );
}

/** With more connections, idle ones have no history: that of 5,000 would be 15 MB. */
const MAX_FULL_HISTORY = 50;

interface ConnectionData {
  readonly shown: ReturnType<typeof viewConnections>;
  readonly traffic: ReadonlyMap<string, ReturnType<RateHistory['read']>>;
  readonly ledger: Ledger;
  readonly newest: readonly NewestDelivered[];
  readonly oldest: ReadonlyMap<string, number>;
}

function viewConnectionsWithRates({
  shown,
  traffic,
  ledger,
  newest,
  oldest,
}: ConnectionData): OverviewConnection[] {
  const rows = new Map(ledger.rows.map((row) => [row.connection, row]));
  const last = lastOf(newest);
  return shown.flatMap((connection) => {
    const { id, hold, eventsPerMinute } = connection;
    const seen = traffic.get(id);
    if (!seen) return [];
    const { pending = 0, dead = 0 } = rows.get(id) ?? {};
    const delivered = last.get(id);
    const { webhooks, events } = seen.lately;
    const isIdle = seen.history.every((point) => point.webhooks === 0 && point.events === 0);
    const history = isIdle && shown.length > MAX_FULL_HISTORY ? [] : seen.history;
    return {
      ...connection,
      ...{ pending, dead },
      oldestWaiting: oldest.get(id) ?? null,
      perMinute: { webhooks, events },
      history: history.map((point) => ({ at: point.at, webhooks: point.webhooks, events: point.events })),
      drainSeconds: hold && pending > 0 ? null : drainTime(pending, seen, eventsPerMinute),
      lastSeen: seen.lastSeen ?? null,
      lagMs: delivered ? Math.max(0, delivered.deliveredAt - delivered.receivedAt) : null,
    };
  });
}

/** Returns the newest delivery of each connection. */
function lastOf(newest: readonly NewestDelivered[]): ReadonlyMap<string, NewestDelivered> {
  const last = new Map<string, NewestDelivered>();
  for (const one of newest) {
    const other = last.get(one.connection);
    if (!other || one.deliveredAt > other.deliveredAt) last.set(one.connection, one);
  }
  return last;
}
