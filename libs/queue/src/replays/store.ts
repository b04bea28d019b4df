import { writeStoredFilter } from '../dead-letters/filter-schema.ts';
import {
  AUDIT_LINES,
  allReplaysKey,
  auditKey,
  leaseKey,
  replayCountsKey,
  replayKey,
  runningReplaysKey,
} from '../keys.ts';
import type { RedisConnection } from '../redis/connect.ts';
import type { Operator } from '../scheduler/types.ts';
import { type PausedBy, type ReplayRecord, type ReplayRequest, readReplayRecord } from './record.ts';

/** Replays that are remembered when they have ended. */
const KEPT = 1_000;

/**
 * Changes the state of a replay, and leaves a line in the audit stream. KEYS: replay, set of those running, audit,
 * counts.
 * ARGV: id, states that it may be in, separated by spaces; state; why; when it ended or nothing; who, reason, now,
 * lines of the stream; what paused it or nothing. Answers its state before, or nothing if there is none.
 */
const CHANGE = `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return '' end
if not string.find(ARGV[2], state, 1, true) then return state end
redis.call('HSET', KEYS[1], 'state', ARGV[3], 'why', ARGV[4], 'endedAt', ARGV[5], 'pausedBy', ARGV[10])
if ARGV[3] == 'running' then
  local f = redis.call('HMGET', KEYS[1], 'delivered', 'died')
  redis.call('HSET', KEYS[1], 'baseDelivered', f[1] or 0, 'baseDied', f[2] or 0, 'steppedAt', 0)
  redis.call('SADD', KEYS[2], ARGV[1])
else
  redis.call('SREM', KEYS[2], ARGV[1])
end
redis.call('HINCRBY', KEYS[4], ARGV[3], 1)
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[9], '*', 'action', 'replay ' .. ARGV[3], 'by', 'operator',
  'who', ARGV[6], 'reason', ARGV[7], 'replay', ARGV[1], 'at', ARGV[8])
return state
`;

export interface NewReplay extends ReplayRequest {
  readonly id: string;
  readonly planned: number;
}

/** The state that a replay was in, and whether it is another now. */
export interface Changed {
  readonly was: ReplayRecord['state'];
  readonly changed: boolean;
}

/** Replays as Redis keeps them. */
export class ReplayStore {
  readonly #redis: RedisConnection;
  readonly #base: string;
  readonly #audit: string;
  readonly #now: () => number;

  /**
   * @param prefix of all keys
   * @param now milliseconds since the epoch
   */
  constructor(redis: RedisConnection, prefix: string, now: () => number) {
    this.#redis = redis;
    this.#base = `${prefix}:`;
    this.#audit = auditKey(prefix);
    this.#now = now;
  }

  /** Puts a replay down, and lets it run. */
  async create({ id, filter, until, perMinute, planned }: NewReplay, by: Operator): Promise<void> {
    const now = this.#now();
    const told = { filter: writeStoredFilter(filter), until, perMinute: perMinute ?? '', planned };
    await this.#redis
      .multi()
      .hset(replayKey(this.#base, id), {
        ...told,
        state: 'running',
        who: by.who,
        note: by.reason,
        createdAt: now,
      })
      .zadd(allReplaysKey(this.#base), now, id)
      .sadd(runningReplaysKey(this.#base), id)
      .hincrby(replayCountsKey(this.#base), 'running', 1)
      .xadd(
        this.#audit,
        ...['MAXLEN', '~', AUDIT_LINES, '*', 'action', 'replay', 'by', 'operator', 'who', by.who],
        ...[
          'reason',
          by.reason,
          'replay',
          id,
          'filter',
          JSON.stringify(filter),
          'planned',
          planned,
          'at',
          now,
        ],
      )
      .exec();
    await this.#forgetOld();
  }

  async get(id: string): Promise<ReplayRecord | undefined> {
    return readReplayRecord(id, await this.#redis.hgetall(replayKey(this.#base, id)));
  }

  /** The newest first. */
  async list(limit: number): Promise<readonly ReplayRecord[]> {
    const ids = await this.#redis.zrevrange(allReplaysKey(this.#base), 0, limit - 1);
    const replays = await Promise.all(ids.map((id) => this.get(id)));
    return replays.filter((replay) => replay !== undefined);
  }

  /** What is put back already goes on. Returns the state that it was in; undefined if there is no such replay. */
  pause(id: string, by: Operator, pausedBy: PausedBy = 'operator') {
    const why = `by ${by.who}: ${by.reason}`;
    return this.#change(id, { from: ['running'], to: 'paused', why, pausedBy }, by);
  }

  /** Lets it go on, judged by what comes after. */
  resume(id: string, by: Operator) {
    return this.#change(id, { from: ['paused'], to: 'running', why: '' }, by);
  }

  cancel(id: string, by: Operator) {
    return this.#change(id, { from: ['running', 'paused'], to: 'cancelled', why: '' }, by);
  }

  async #change(
    id: string,
    {
      from,
      to,
      why,
      pausedBy = '',
    }: {
      readonly from: readonly ReplayRecord['state'][];
      readonly to: ReplayRecord['state'];
      readonly why: string;
      readonly pausedBy?: PausedBy | '';
    },
    { who, reason }: Operator,
  ): Promise<Changed | undefined> {
    const now = this.#now();
    const counts = replayCountsKey(this.#base);
    const keys = [replayKey(this.#base, id), runningReplaysKey(this.#base), this.#audit, counts];
    const endedAt = to === 'cancelled' ? now : '';
    const args = [id, from.join(' '), to, why, endedAt, who, reason, now, AUDIT_LINES, pausedBy];
    const was = (await this.#redis.eval(CHANGE, 4, ...keys, ...args)) as ReplayRecord['state'] | '';
    return was === '' ? undefined : { was, changed: from.includes(was) };
  }

  async #forgetOld(): Promise<void> {
    const key = allReplaysKey(this.#base);
    const old = await this.#redis.zrange(key, '0', String(-(KEPT + 1)));
    for (const id of old) {
      const replay = await this.get(id);
      if (replay?.state === 'running' || replay?.state === 'paused') continue;
      await this.#redis.multi().zrem(key, id).del(replayKey(this.#base, id), leaseKey(this.#base, id)).exec();
    }
  }
}
