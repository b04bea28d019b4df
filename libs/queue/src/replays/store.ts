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
import { luaScript, runScript } from '../redis/scripts.ts';
import type { Operator } from '../scheduler/types.ts';
import { type PausedBy, type ReplayRecord, type ReplayRequest, readReplayRecord } from './record.ts';

/** Most replays that are kept after they have ended. */
const KEPT = 1_000;

const CHANGE_STATE = luaScript(import.meta.url, './lua/change-state.lua', { keys: 4 });

export interface NewReplay extends ReplayRequest {
  readonly id: string;
  readonly planned: number;
}

/** The previous state of a replay, and whether it has changed. */
export interface StateChange {
  readonly was: ReplayRecord['state'];
  readonly changed: boolean;
}

/** The replays of a shard. */
export class ReplayStore {
  readonly #redis: RedisConnection;
  readonly #base: string;
  readonly #audit: string;
  readonly #now: () => number;

  /**
   * @param prefix prefix of all keys
   * @param now returns the time in milliseconds since the epoch
   */
  constructor(redis: RedisConnection, prefix: string, now: () => number) {
    this.#redis = redis;
    this.#base = `${prefix}:`;
    this.#audit = auditKey(prefix);
    this.#now = now;
  }

  /** Creates a replay that runs. */
  async create({ id, filter, until, perMinute, planned }: NewReplay, by: Operator): Promise<void> {
    const now = this.#now();
    const request = { filter: writeStoredFilter(filter), until, perMinute: perMinute ?? '', planned };
    await this.#redis
      .multi()
      .hset(replayKey(this.#base, id), {
        ...request,
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

  /** Returns the newest replays first. */
  async list(limit: number): Promise<readonly ReplayRecord[]> {
    const ids = await this.#redis.zrevrange(allReplaysKey(this.#base), 0, limit - 1);
    const replays = await Promise.all(ids.map((id) => this.get(id)));
    return replays.filter((replay) => replay !== undefined);
  }

  /** Pauses a replay; requeued dead letters are not affected. Returns undefined if the replay does not exist. */
  pause(id: string, by: Operator, pausedBy: PausedBy = 'operator') {
    const why = `by ${by.who}: ${by.reason}`;
    return this.#change(id, { from: ['running'], to: 'paused', why, pausedBy }, by);
  }

  /** Resumes a replay. Earlier failures no longer count for a pause. */
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
  ): Promise<StateChange | undefined> {
    const now = this.#now();
    const counts = replayCountsKey(this.#base);
    const keys = [replayKey(this.#base, id), runningReplaysKey(this.#base), this.#audit, counts];
    const endedAt = to === 'cancelled' ? now : '';
    const args = [id, from.join(' '), to, why, endedAt, who, reason, now, AUDIT_LINES, pausedBy];
    const was = (await runScript(this.#redis, CHANGE_STATE, ...keys, ...args)) as ReplayRecord['state'] | '';
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
