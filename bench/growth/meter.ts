import type { Redis } from 'ioredis';
import { startProcessClock } from '../process-clock.ts';

/** What one delivery cost, on the average. */
export interface Cost {
  /** Microseconds of CPU of Redis' main thread, and of the process that works. */
  readonly redis: number;
  readonly process: number;
  /** Microseconds that Redis spent in our scripts: what fsyncs, the network and its housekeeping take is not in it. */
  readonly scripts: number;
  /** Commands of Redis, those within scripts among them, and bytes to and from it. */
  readonly commands: number;
  readonly bytes: number;
  readonly perSecond: number;
}

interface Reading {
  readonly at: number;
  readonly redis: number;
  readonly scripts: number;
  readonly commands: number;
  readonly bytes: number;
}

/** Measures what Redis and a process take from now until it is read. */
export class Meter {
  readonly #redis: Redis;
  readonly #seconds: () => number;
  readonly #before: Reading;

  private constructor(redis: Redis, pid: number, before: Reading) {
    this.#redis = redis;
    this.#seconds = startProcessClock(pid);
    this.#before = before;
  }

  static async start(redis: Redis, pid: number): Promise<Meter> {
    return new Meter(redis, pid, await read(redis));
  }

  /** @param count deliveries since the start */
  async read(count: number): Promise<Cost> {
    const process = this.#seconds() * 1e6;
    const [now, before] = [await read(this.#redis), this.#before];
    const each = (of: Exclude<keyof Reading, 'at'>) => (now[of] - before[of]) / count;
    return {
      ...{ redis: each('redis'), process: process / count, scripts: each('scripts') },
      ...{ commands: each('commands'), bytes: each('bytes') },
      perSecond: (1_000 * count) / (now.at - before.at),
    };
  }
}

async function read(redis: Redis): Promise<Reading> {
  const [cpu, stats, commands] = await Promise.all([
    redis.info('cpu'),
    redis.info('stats'),
    redis.info('commandstats'),
  ]);
  const of = (info: string, name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
  const each = [...commands.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm)];
  return {
    at: performance.now(),
    redis: (of(cpu, 'used_cpu_user_main_thread') + of(cpu, 'used_cpu_sys_main_thread')) * 1e6,
    bytes: of(stats, 'total_net_input_bytes') + of(stats, 'total_net_output_bytes'),
    commands: each.reduce((sum, [, , calls]) => sum + Number(calls), 0),
    scripts: Number(each.find(([, name]) => name === 'evalsha')?.[3] ?? 0),
  };
}
