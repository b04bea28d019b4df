import { jobKey, queueKeyPrefix } from '../bullmq/layout.ts';
import type { HoldCause, WorkspaceWindow } from '../records/outcome.ts';
import { connectConsumer, type RedisConnection, type RedisConnectionOptions } from '../redis/connect.ts';
import { defineScripts, type Scripts } from '../redis/scripts.ts';
import { ShardOperatorScheduler } from './operator.ts';
import { SCHEDULER_SCRIPTS } from './scripts.ts';
import type {
  ConnectionFailure,
  DelayCause,
  Permit,
  PermitRequest,
  ReportedLimit,
  Scheduler,
} from './types.ts';
import { windowText } from './workspace-window.ts';

export interface RedisSchedulerOptions {
  readonly prefix: string;
  /** Milliseconds from a hold to its first probe. The interval doubles with each probe, up to ten times. */
  readonly probeAfter: number;
  /** Milliseconds to which `acquire` renews the lock; the same as BullMQ's. */
  readonly lockDuration: number;
}

/** The scheduler of one shard. Each call is one script, by Redis' clock. */
export class RedisScheduler extends ShardOperatorScheduler implements Scheduler {
  readonly #options: RedisSchedulerOptions;
  readonly #scripts: Scripts<typeof SCHEDULER_SCRIPTS>;

  constructor(redis: RedisConnection, options: RedisSchedulerOptions) {
    super(redis, options.prefix);
    this.#options = options;
    this.#scripts = defineScripts(redis, SCHEDULER_SCRIPTS);
  }

  async acquire(request: PermitRequest): Promise<Permit> {
    const { deliveryId, lock, connection, bot, absentSince = 0, notBefore = 0 } = request;
    const { prefix, lockDuration } = this.#options;
    const job = jobKey(queueKeyPrefix(prefix), deliveryId);
    const reply = await this.#scripts.acquire(
      this.base,
      job,
      deliveryId,
      lock,
      connection,
      bot.id,
      bot.eventsPerMinute,
      lockDuration,
      absentSince,
      Math.ceil(notBefore),
      windowText(bot.workspace),
    );
    return readPermit(reply, Date.now());
  }

  async clearAttempt(deliveryId: string, startedAt: number, workspace?: WorkspaceWindow): Promise<void> {
    const job = jobKey(queueKeyPrefix(this.#options.prefix), deliveryId);
    await this.#scripts.clearAttempt(this.base, job, startedAt, windowText(workspace));
  }

  async pauseBot(botId: string, duration?: number): Promise<void> {
    await this.#scripts.pauseBot(this.base, botId, duration === undefined ? '' : Math.ceil(duration));
  }

  async recordLimit(
    botId: string,
    { limit = '', remaining = '', reset = '' }: ReportedNumbers,
  ): Promise<void> {
    await this.#scripts.recordLimit(this.base, botId, limit, remaining, reset);
  }

  async recordFailure(
    connection: string,
    { kind, limit, reason }: ConnectionFailure,
  ): Promise<{ held: boolean; now: boolean }> {
    const { probeAfter } = this.#options;
    const args = [connection, kind === 'bot' ? 'bots' : 'events', limit, reason, probeAfter] as const;
    const [held, now] = (await this.#scripts.recordFailure(this.base, this.audit, ...args)) as [
      number,
      number,
    ];
    return { held: held === 1, now: now === 1 };
  }

  async recordSuccess(connection: string): Promise<boolean> {
    return (await this.#scripts.recordSuccess(this.base, this.audit, connection)) === 1;
  }
}

/** A value that was not reported is an empty argument of the script. */
type ReportedNumbers = { readonly [Name in keyof ReportedLimit]: number | '' | undefined };

export interface OpenSchedulerOptions extends RedisSchedulerOptions {
  readonly redisUrl: string;
  readonly onError: RedisConnectionOptions['onError'];
}

/**
 * Opens the scheduler of a shard on its own connection. A call waits until Redis replies.
 *
 * A call that was in flight when the connection broke is sent again. If Redis had executed an `acquire`, the second one
 * finds the record of the attempt, and its event is looked up although it was never sent: slow, and safe.
 */
export function openScheduler({
  redisUrl,
  onError,
  ...options
}: OpenSchedulerOptions): Scheduler & { close(): Promise<void> } {
  const redis = connectConsumer({ url: redisUrl, name: 'sluice-worker-scheduler', onError });
  return Object.assign(new RedisScheduler(redis, options), { close: async () => redis.disconnect() });
}

/** The reply of the script; acquire.lua describes it. */
type Reply =
  | readonly ['granted', number, 0 | 1, DelayCause?, number?]
  | readonly ['in_doubt', number, number, string, DelayCause?]
  | readonly ['paced', number]
  | readonly ['later', number]
  | readonly ['held', number, string, HoldCause]
  | readonly ['lost'];

/**
 * @param now milliseconds since the epoch by this process' clock, which BullMQ's delays use. It may differ from Redis'
 *   clock by minutes
 */
function readPermit(value: unknown, now: number): Permit {
  const reply = value as Reply;
  switch (reply[0]) {
    case 'granted':
      return {
        ...{ kind: 'granted', startedAt: reply[1], isTripped: reply[2] === 1 },
        ...(reply[3] === undefined ? {} : { delayedBy: reply[3] }),
        ...(reply[4] === undefined ? {} : { pacedFor: reply[4] }),
      };
    case 'in_doubt':
      return {
        ...{ kind: 'in_doubt', startedAt: reply[1], age: reply[2] },
        ...(reply[3] === '' ? {} : { earlierEvents: reply[3].split(' ') }),
        ...(reply[4] === undefined ? {} : { delayedBy: reply[4] }),
      };
    case 'paced':
      return { kind: 'paced', until: now + reply[1] };
    case 'later':
      return { kind: 'later', until: now + reply[1] };
    case 'held':
      return { kind: 'held', until: now + reply[1], ...readHold(reply[3], reply[2]) };
    case 'lost':
      return { kind: 'lost' };
  }
}

/** Returns the cause of a hold. The reason of a hold by refusals is that of a `ConnectionFailure`: `401 Unauthorized`. */
function readHold(
  cause: HoldCause,
  reason: string,
): Pick<Permit & { readonly kind: 'held' }, 'cause' | 'reason' | 'status'> {
  const status = cause === 'refusals' ? Number.parseInt(reason, 10) : Number.NaN;
  return { cause, reason, ...(Number.isNaN(status) ? {} : { status }) };
}
