import type { ChildProcess } from 'node:child_process';
import type { RunningSandbox } from '@sluice/testing';
import type { Redis } from 'ioredis';
import { end } from '../launch.ts';
import { startProcessClock } from '../process-clock.ts';
import type { Crew, Place } from './crews.ts';

/** Of the orders, the first are delivered while processes compile their code and Redis its scripts. */
const WARM = 1 / 3;
/** Of the rest, what is under way when the last is counted would be missed. */
const UNTIL = 0.97;

export interface Stage {
  readonly redis: Redis;
  readonly redisPid: number;
  readonly sandbox: RunningSandbox;
}

/** What was measured between the first third and the end. */
export interface Measured {
  readonly perSecond: number;
  /** Microseconds of CPU an event: of all worker processes, of Redis, of the sandbox. */
  readonly worker: number;
  readonly redis: number;
  readonly api: number;
  /** Of the sandbox, of one core: near 1 it is what limits. */
  readonly apiBusy: number;
  /** Redis commands an event by name, those within scripts among them. */
  readonly commands: ReadonlyMap<string, number>;
}

/** Lets all orders wait, starts a crew, and measures how fast and at what cost it delivers them. */
export async function runTrial(
  stage: Stage,
  crew: Crew,
  place: Place,
  orders: readonly string[],
): Promise<Measured> {
  const { redis, sandbox } = stage;
  await redis.flushall();
  await sandbox.reset();
  await crew.enqueue(place.redisUrl, orders);
  const workers = await Promise.all(Array.from({ length: place.processes }, () => crew.start(place)));
  const first = Math.floor(orders.length * WARM);
  const last = Math.floor(orders.length * UNTIL);
  await sandbox.waitFor({ distinct: first });
  await redis.config('RESETSTAT');
  const clocks = clocksOf(stage, workers);
  const [start, from] = [performance.now(), (await sandbox.ledger()).distinct];
  await sandbox.waitFor({ distinct: last });
  const [until, to] = [performance.now(), (await sandbox.ledger()).distinct];
  const [worker, server, api] = [clocks.workers(), clocks.redis(), clocks.api()];
  const commands = await readCommands(redis, to - from);
  await sandbox.waitFor({ distinct: orders.length });
  await Promise.all(workers.map(end));
  const each = (seconds: number) => (seconds * 1e6) / (to - from);
  return {
    perSecond: (1_000 * (to - from)) / (until - start),
    ...{ worker: each(worker), redis: each(server), api: each(api) },
    ...{ apiBusy: (1_000 * api) / (until - start), commands },
  };
}

function clocksOf({ redisPid, sandbox }: Stage, workers: readonly ChildProcess[]) {
  const each = workers.map(({ pid }) => startProcessClock(pid ?? 0));
  return {
    workers: () => each.reduce((sum, seconds) => sum + seconds(), 0),
    redis: startProcessClock(redisPid),
    api: startProcessClock(sandbox.app.pid),
  };
}

async function readCommands(redis: Redis, events: number): Promise<ReadonlyMap<string, number>> {
  const found = (await redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return new Map([...found].map(([, name = '', calls]) => [name, Number(calls) / events]));
}
