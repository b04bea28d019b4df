import { jobKey, queueKeyPrefix } from '../bullmq/layout.ts';
import type { HoldCause } from '../records/outcome.ts';
import { connectConsumer, type RedisConnection, type RedisConnectionOptions } from '../redis/connect.ts';
import { defineScripts, type Scripts } from '../redis/scripts.ts';
import { OperatorScheduler } from './operator.ts';
import { SCHEDULER_SCRIPTS } from './scripts.ts';
import type { ConnectionFailure, Permit, PermitRequest, ReportedLimit, Scheduler } from './types.ts';

export interface RedisSchedulerOptions {
  readonly prefix: string;
  /** Milliseconds from the refusal that holds a connection to its first probe; each later one waits twice as long. */
  readonly probeAfter: number;
  /** Milliseconds; BullMQ's, to which `begin` renews the lock. */
  readonly lockDuration: number;
}

/** The gate over a connection to Redis. Each call is one script, decided by Redis' clock. */
export class RedisScheduler extends OperatorScheduler implements Scheduler {
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
    const lane = [connection, bot.id, bot.eventsPerMinute] as const;
    const answer = await this.#scripts.acquire(
      this.base,
      job,
      deliveryId,
      lock,
      ...lane,
      lockDuration,
      absentSince,
      Math.ceil(notBefore),
    );
    return readPermit(answer, Date.now());
  }

  async clearAttempt(deliveryId: string, startedAt: number): Promise<void> {
    await this.#scripts.clearAttempt(jobKey(queueKeyPrefix(this.#options.prefix), deliveryId), startedAt);
  }

  async pauseBot(botId: string, duration: number): Promise<void> {
    await this.#scripts.pauseBot(this.base, botId, Math.ceil(duration));
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

/** What is not told is the empty text for a script. */
type ReportedNumbers = { readonly [Told in keyof ReportedLimit]: number | '' | undefined };

export interface OpenSchedulerOptions extends RedisSchedulerOptions {
  readonly redisUrl: string;
  readonly onError: RedisConnectionOptions['onError'];
}

/**
 * Opens the gate, on a connection of its own: what is asked waits until Redis answers.
 *
 * What was under way when the connection broke is asked again by itself. A `begin` that Redis had carried
 * out then finds the record that it made, and its event is looked for though it was never sent: slow, and safe.
 */
export function openScheduler({
  redisUrl,
  onError,
  ...options
}: OpenSchedulerOptions): Scheduler & { close(): Promise<void> } {
  const redis = connectConsumer({ url: redisUrl, name: 'sluice-worker-scheduler', onError });
  const gate = new RedisScheduler(redis, options);
  return Object.assign(gate, {
    close: async () => redis.disconnect(),
  });
}

/** What the script answers: the kind, and what goes with it. */
type Answer =
  | readonly ['granted', number, 0 | 1]
  | readonly ['in_doubt', number, number]
  | readonly ['paced', number]
  | readonly ['later', number]
  | readonly ['held', number, string, HoldCause]
  | readonly ['lost'];

/**
 * Reads what the script of `begin` answered.
 *
 * @param now milliseconds since the epoch, by the clock of this process: BullMQ delays by that one, which may
 *   be minutes off Redis'
 */
function readPermit(answered: unknown, now: number): Permit {
  const answer = answered as Answer;
  switch (answer[0]) {
    case 'granted':
      return { kind: 'granted', startedAt: answer[1], isTripped: answer[2] === 1 };
    case 'in_doubt':
      return { kind: 'in_doubt', startedAt: answer[1], age: answer[2] };
    case 'paced':
      return { kind: 'paced', until: now + answer[1] };
    case 'later':
      return { kind: 'later', until: now + answer[1] };
    case 'held':
      return { kind: 'held', until: now + answer[1], ...readHold(answer[3], answer[2]) };
    case 'lost':
      return { kind: 'lost' };
  }
}

/** Returns what a hold reports. The reason of a hold by refusals is that of a `ConnectionFailure`: `401 Unauthorized`. */
function readHold(
  cause: HoldCause,
  reason: string,
): Pick<Permit & { readonly kind: 'held' }, 'cause' | 'reason' | 'status'> {
  const status = cause === 'refusals' ? Number.parseInt(reason, 10) : Number.NaN;
  return { cause, reason, ...(Number.isNaN(status) ? {} : { status }) };
}
