import type { RedisConnection } from '../connect-redis.ts';
import { defineScripts } from './define-scripts.ts';
import type { Gate, Strike, ToldLimit } from './gate.ts';
import { jobKey } from './gate-keys.ts';
import { OperatorGate } from './operator-gate.ts';
import { readTurn } from './read-turn.ts';
import { BEGIN } from './scripts/begin.ts';
import { CLEAR } from './scripts/clear.ts';
import { STRIKE, SUCCEED } from './scripts/holding.ts';
import { LEARN, PAUSE } from './scripts/limits.ts';
import type { Turn, TurnRequest } from './turn.ts';

export interface RedisGateOptions {
  readonly prefix: string;
  /** Milliseconds from the refusal that holds a connection to its first probe; each later one waits twice as long. */
  readonly probeAfter: number;
  /** Milliseconds; BullMQ's, to which `begin` renews the lock. */
  readonly lockDuration: number;
}

const SOURCES = {
  begin: { lua: BEGIN, keys: 1 },
  clear: { lua: CLEAR, keys: 1 },
  pause: { lua: PAUSE, keys: 1 },
  learn: { lua: LEARN, keys: 1 },
  strike: { lua: STRIKE, keys: 2 },
  succeed: { lua: SUCCEED, keys: 2 },
} as const;

/** The gate over a connection to Redis. Each call is one script, decided by Redis' clock. */
export class RedisGate extends OperatorGate implements Gate {
  readonly #options: RedisGateOptions;
  readonly #scripts: ReturnType<typeof defineScripts<keyof typeof SOURCES>>;

  constructor(redis: RedisConnection, options: RedisGateOptions) {
    super(redis, options.prefix);
    this.#options = options;
    this.#scripts = defineScripts(redis, SOURCES);
  }

  async begin(request: TurnRequest): Promise<Turn> {
    const { deliveryId, lock, connection, bot, absentSince = 0, notBefore = 0 } = request;
    const { prefix, lockDuration } = this.#options;
    const job = jobKey(prefix, deliveryId);
    const lane = [connection, bot.id, bot.eventsPerMinute] as const;
    const answer = await this.#scripts.begin(
      this.base,
      job,
      deliveryId,
      lock,
      ...lane,
      lockDuration,
      absentSince,
      Math.ceil(notBefore),
    );
    return readTurn(answer, Date.now());
  }

  async clear(deliveryId: string, startedAt: number): Promise<void> {
    await this.#scripts.clear(jobKey(this.#options.prefix, deliveryId), startedAt);
  }

  async pause(botId: string, duration: number): Promise<void> {
    await this.#scripts.pause(this.base, botId, Math.ceil(duration));
  }

  async learn(botId: string, { limit = '', remaining = '', reset = '' }: ToldNumbers): Promise<void> {
    await this.#scripts.learn(this.base, botId, limit, remaining, reset);
  }

  async strike(
    connection: string,
    { kind, limit, reason }: Strike,
  ): Promise<{ held: boolean; now: boolean }> {
    const { probeAfter } = this.#options;
    const args = [connection, kind === 'bot' ? 'bots' : 'events', limit, reason, probeAfter] as const;
    const [held, now] = (await this.#scripts.strike(this.base, this.audit, ...args)) as [number, number];
    return { held: held === 1, now: now === 1 };
  }

  async succeed(connection: string): Promise<boolean> {
    return (await this.#scripts.succeed(this.base, this.audit, connection)) === 1;
  }
}

/** What is not told is the empty text for a script. */
type ToldNumbers = { readonly [Told in keyof ToldLimit]: number | '' | undefined };
