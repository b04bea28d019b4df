import type { Ledger, NewestDelivered } from '@sluice/queue';
import type { z } from 'zod';
import type { ConsoleContext } from '../context.ts';
import { readSituation } from '../notifications/read-situation.ts';
import { redisAway } from '../redis-away.ts';
import { viewConnections } from '../views/connection.ts';
import type { OverviewConnection, overviewSchema } from '../views/overview.ts';
import { drainTime } from './drain-time.ts';
import { findAttention } from './find-attention.ts';
import { findSilence } from './find-silent.ts';
import type { RateHistory, Traffic } from './rate-history.ts';

/** Milliseconds. */
const HOUR = 3_600_000;

/** Reads how all of it stands; throws a Problem if Redis does not answer. */
export async function readOverview(context: ConsoleContext): Promise<z.output<typeof overviewSchema>> {
  const { rates, now, queue, figures, connections } = context;
  const hourAgo = now() - HOUR;
  const [situation, state, ledger, newest, deadLately] = await Promise.all([
    readSituation(context),
    queue.read(),
    rates.look(),
    figures.readNewest(),
    figures.countDeadSince(hourAgo),
  ]);
  if (!situation || !state || !newest || deadLately === undefined) throw redisAway();
  const at = now();
  const { history } = rates;
  const shown = viewConnections(connections(), situation.holds);
  const traffic = new Map(shown.map(({ id }) => [id, history.read(id, at)]));
  const { redis } = situation.figures;
  const waiting = ledger.rows.filter(({ pending }) => pending > 0).map(({ connection }) => connection);
  const oldest = await context.gate.oldestQueued(waiting);
  return {
    ...{ at, since: history.since ?? at, queue: state },
    connections: viewInUse({ shown, traffic, ledger, newest, oldest }),
    oldestWaiting: situation.oldest ?? null,
    hasWorkers: situation.hasWorkers ?? null,
    redis: { used: redis.usedBytes, limit: redis.maxBytes },
    ledger: { holds: ledger.holds, total: { ...ledger.total } },
    attention: [
      ...findAttention({
        ...{ situation, deadLately, hourAgo },
        ledgerHolds: ledger.holds,
        silent: silentOf(traffic),
        now: at,
      }),
    ],
  };
}

function silentOf(traffic: ReadonlyMap<string, Traffic>): ReadonlyMap<string, number> {
  return new Map(
    [...traffic].flatMap(([id, { history }]) => {
      const minutes = findSilence(history);
      return minutes === undefined ? [] : [[id, minutes] as const];
    }),
  );
}

/** With more connections than these, those at rest have no history: 5,000 of them would be 15 MB. */
const ALL_WITH_HISTORY = 50;

interface InUse {
  readonly shown: ReturnType<typeof viewConnections>;
  readonly traffic: ReadonlyMap<string, ReturnType<RateHistory['read']>>;
  readonly ledger: Ledger;
  readonly newest: readonly NewestDelivered[];
  readonly oldest: ReadonlyMap<string, number>;
}

function viewInUse({ shown, traffic, ledger, newest, oldest }: InUse): OverviewConnection[] {
  const rows = new Map(ledger.rows.map((row) => [row.connection, row]));
  const last = lastOf(newest);
  return shown.flatMap((connection) => {
    const { id, hold, eventsPerMinute } = connection;
    const seen = traffic.get(id);
    if (!seen) return [];
    const { pending = 0, dead = 0 } = rows.get(id) ?? {};
    const delivered = last.get(id);
    const { webhooks, events } = seen.lately;
    const isAtRest = seen.history.every((point) => point.webhooks === 0 && point.events === 0);
    const history = isAtRest && shown.length > ALL_WITH_HISTORY ? [] : seen.history;
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

/** The newest of each connection. */
function lastOf(newest: readonly NewestDelivered[]): ReadonlyMap<string, NewestDelivered> {
  const last = new Map<string, NewestDelivered>();
  for (const one of newest) {
    const other = last.get(one.connection);
    if (!other || one.deliveredAt > other.deliveredAt) last.set(one.connection, one);
  }
  return last;
}
