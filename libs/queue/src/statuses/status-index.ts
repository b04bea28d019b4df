import type { TransitionContext } from '../bullmq/context.ts';
import { DELIVERY_FIELDS, JOB_FIELDS, jobKey, LUA_LAYOUT } from '../bullmq/layout.ts';
import { ledgerKey, readCounters } from '../bullmq/ledger-counters.ts';
import { awaitingKey } from '../keys.ts';
import { addNote } from '../records/attempt.ts';
import { addBloomFilter } from '../records/bloom-filter.ts';
import { readDelivery } from '../records/delivery.ts';
import { failureSourceOf, writeFailure } from '../records/failure.ts';
import type { FailureDetail } from '../records/outcome.ts';
import { parseOrUndefined } from '../records/parse-json.ts';
import { luaScript, runScript } from '../redis/scripts.ts';

/** An event that was created and has no final status yet. */
export interface AwaitingEvent {
  readonly eventId: string;
  readonly deliveryId: string;
  /** When its creation was recorded, in milliseconds since the epoch by Redis' clock. */
  readonly createdAt: number;
}

/** The awaiting events of a connection. */
export interface AwaitingConnection {
  readonly connection: string;
  readonly count: number;
  /** When the oldest was created; 0 if all were dropped. */
  readonly oldest: number;
  /** Events dropped by this read, because they were too old or too many. Their status stays unknown. */
  readonly dropped: number;
}

/** The final status of an event in its bot. */
export type FinalStatus = 'processed' | 'failed' | 'ignored';

export interface StatusReport extends AwaitingEvent {
  readonly status: FinalStatus;
  /** Why it failed or was ignored, in the words of Botpress or Sluice. */
  readonly message: string;
  /** Name of the event, without the integration. */
  readonly event: string;
}

/** What followed from a status: the delivery is dead, or it is no longer stored, or the status was recorded before. */
export type Recorded = 'processed' | 'dead' | 'gone' | 'known';

/** The events of a shard whose final status in the bot is not known. */
export interface StatusIndex {
  /** Reads the connections with awaiting events, of these and of those that are no longer configured. */
  read(connections: readonly string[]): Promise<{
    /** Milliseconds since the epoch by Redis' clock. */
    readonly now: number;
    readonly awaiting: readonly AwaitingConnection[];
  }>;
  /** Returns events of a connection that were created within a period, oldest first. */
  events(
    connection: string,
    period: { readonly from: number; readonly to: number; readonly limit: number },
  ): Promise<readonly AwaitingEvent[]>;
  /** Records final statuses. Repeating it changes nothing. */
  record(connection: string, reports: readonly StatusReport[]): Promise<readonly Recorded[]>;
  /** Deletes delivered deliveries above the number to keep whose status is known. Returns how many. */
  trimDelivered(): Promise<number>;
}

export interface StatusIndexOptions extends TransitionContext {
  /** Delivered deliveries that stay readable once their status is known. */
  readonly keepDelivered: number;
  /** Milliseconds for which a status is awaited. */
  readonly maxAge: number;
}

const READ_AWAITING = luaScript(import.meta.url, './lua/read-awaiting.lua', {
  keys: 1,
  constants: LUA_LAYOUT,
});

/** Most awaiting events of a connection, about 3 MB: half an hour of a bot at its rate limit. */
const MAX_EVENTS = 20_000;

/** Connections, events and deliveries per script, which takes about 5 ms; other commands run in between. */
const CONNECTIONS_AT_ONCE = 500;
const EVENTS_AT_ONCE = 200;
const DELIVERIES_AT_ONCE = 500;

/** Milliseconds between two searches for connections that are no longer configured. */
const SEARCH_EVERY = 10 * 60_000;

/** Returns the index of a shard. */
export function createStatusIndex(options: StatusIndexOptions): StatusIndex {
  const { redis, base, now } = options;
  let searchAt = Number.NEGATIVE_INFINITY;
  let removed: readonly string[] = [];

  /** Returns connections that have counters and are not configured. */
  async function findRemoved(configured: readonly string[]): Promise<readonly string[]> {
    if (now() < searchAt) return removed;
    searchAt = now() + SEARCH_EVERY;
    const known = new Set(configured);
    const ledger = readCounters(await readFields(options));
    removed = [...ledger.keys()].filter((connection) => !known.has(connection));
    return removed;
  }

  return {
    async read(configured) {
      const connections = [...configured, ...(await findRemoved(configured))];
      const awaiting: AwaitingConnection[] = [];
      let time = 0;
      for (let start = 0; start === 0 || start < connections.length; start += CONNECTIONS_AT_ONCE) {
        const some = connections.slice(start, start + CONNECTIONS_AT_ONCE);
        const reply = await runScript(redis, READ_AWAITING, base, options.maxAge, MAX_EVENTS, ...some);
        const [at = 0, ...rows] = reply as number[];
        time = at;
        for (let row = 0; row + 3 < rows.length; row += 4) {
          const [index = 0, count = 0, oldest = 0, dropped = 0] = rows.slice(row, row + 4);
          awaiting.push({ connection: some[index] ?? '', count, oldest, dropped });
        }
      }
      return { now: time, awaiting };
    },
    async events(connection, { from, to, limit }) {
      const key = awaitingKey(base, connection);
      const found = await redis.zrangebyscore(key, from, to, 'WITHSCORES', 'LIMIT', 0, limit);
      return Array.from({ length: found.length / 2 }, (_, index) => {
        const [eventId = '', deliveryId = ''] = found[2 * index]?.split(' ') ?? [];
        return { eventId, deliveryId, createdAt: Number(found[2 * index + 1]) };
      });
    },
    async record(connection, reports) {
      const recorded: Recorded[] = [];
      for (let start = 0; start < reports.length; start += EVENTS_AT_ONCE) {
        const some = reports.slice(start, start + EVENTS_AT_ONCE);
        const args = await Promise.all(some.map((report) => toArguments(options, report)));
        const results = await options.backend.transition('statuses', [connection, ...args.flat()]);
        recorded.push(...(results as Recorded[]));
      }
      return recorded;
    },
    async trimDelivered() {
      let [start, trimmed, looked] = [0, 0, DELIVERIES_AT_ONCE];
      while (looked === DELIVERIES_AT_ONCE) {
        const args = [options.keepDelivered, start, DELIVERIES_AT_ONCE];
        const [seen, deleted] = (await options.backend.transition('trim', args)) as [number, number];
        looked = seen;
        trimmed += deleted;
        start += seen - deleted;
      }
      return trimmed;
    },
  };
}

/** HGETALL as a flat list, which `readCounters` takes. */
async function readFields({ redis, base }: StatusIndexOptions): Promise<readonly string[]> {
  return Object.entries(await redis.hgetall(ledgerKey(base.slice(0, -1)))).flat();
}

const COUNTER_OF = { processed: 'processed', failed: 'botFailed', ignored: 'botIgnored' } as const;
const REASON_OF = { failed: 'bot_failed', ignored: 'bot_ignored' } as const;

/** Returns the six arguments of an event. A dead letter needs its source and its Bloom filter, from its stored data. */
async function toArguments(options: StatusIndexOptions, report: StatusReport): Promise<readonly string[]> {
  const { eventId, deliveryId, status } = report;
  const counter = COUNTER_OF[status];
  if (status === 'processed') return [eventId, deliveryId, counter, '', '', ''];
  const { redis, keyPrefix, now } = options;
  const fields = [JOB_FIELDS.name, JOB_FIELDS.data, JOB_FIELDS.stacktrace, DELIVERY_FIELDS.original] as const;
  const [name, text, notes, unedited] = await redis.hmget(jobKey(keyPrefix, deliveryId), ...fields);
  const data = parseOrUndefined(text ?? '');
  const reason = REASON_OF[status];
  const detail: FailureDetail = { message: report.message, eventId };
  const written = writeFailure(reason, detail, failureSourceOf({ name: name ?? '', data }, report.event));
  const readings = [data, ...(unedited ? [parseOrUndefined(unedited)] : [])].map((one) =>
    readDelivery(deliveryId, one),
  );
  const deliveries = readings.flatMap((reading) => (reading.ok ? [reading.delivery] : []));
  const failure = readings[0]?.ok ? addBloomFilter(written.failure, ...deliveries) : written.failure;
  const at = report.createdAt;
  const note = { at, ms: Math.max(0, now() - at), outcome: reason, message: report.message };
  return [eventId, deliveryId, counter, written.message, failure, addNote(notes, note)];
}
