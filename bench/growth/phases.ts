import { setTimeout as pause } from 'node:timers/promises';
import { makeDelivery, type RunningSandbox } from '@sluice/testing';
import { enqueue, PREFIX } from '../eager-producer.ts';
import { end } from '../launch.ts';
import { SHOPS, shop, shopName } from '../shops.ts';
import type { GrowingRedis } from './growing-redis.ts';
import { launchWorker } from './launch-worker.ts';
import { type Cost, Meter } from './meter.ts';

/** What all points of a curve share. */
export interface Stage {
  readonly sandbox: RunningSandbox;
  /** For configuration and logs. */
  readonly dir: string;
  /** Distinct, of 8 kB. */
  readonly orders: readonly string[];
}

/** Connections with a bot each and no pace, which the deliveries of a phase are of, in turns. */
export const shops = Array.from({ length: SHOPS }, (_, index) => shop(index));
const shopOf = (index: number) => shopName(index % SHOPS);

/** Enqueued in one turn of ingest under load. */
const GROUP = 20;
const WINDOW = 48 * 3_600_000;

/** The part after which a process has compiled its code, and the one from which on it may have nothing left to do. */
const WARM = 0.25;
const UNTIL = 0.97;

/** Enqueues that many as ingest does, within the limits of their connections. */
export async function measureEnqueue(
  { orders }: Stage,
  { redis, producer }: GrowingRedis,
  count: number,
  connectionFor = shopOf,
): Promise<Cost> {
  const meter = await Meter.start(redis, process.pid);
  for (let first = 0; first < count; first += GROUP) {
    const calls = Array.from({ length: Math.min(GROUP, count - first) }, (_, index) => {
      const body = orders[(first + index) % orders.length] ?? '';
      const changes = { connection: connectionFor(first + index), body, receivedAt: Date.now() };
      return enqueue(producer, [
        { delivery: makeDelivery(changes), deduplicationWindow: WINDOW, priority: 1 },
      ]);
    });
    await Promise.all(calls);
  }
  return meter.read(count);
}

/** What a worker process is to do, and how far it has come. */
export interface Work {
  /** Of the configuration. */
  readonly connections: readonly object[];
  readonly count: number;
  /** How many it has done. */
  done(): Promise<number>;
}

/** Milliseconds between two looks how far a worker has come. */
const LOOK = 20;

/** Starts the worker of the image and measures it between its first quarter and its end; then it is stopped. */
export async function measureWorker(
  stage: Stage,
  { server, redis }: GrowingRedis,
  { connections, count, done }: Work,
): Promise<Cost> {
  const until = async (least: number) => {
    for (;;) {
      const come = await done();
      if (come >= least) return come;
      await pause(LOOK);
    }
  };
  const before = await done();
  const worker = await launchWorker(stage, server.url, connections);
  await until(before + count * WARM);
  const meter = await Meter.start(redis, worker.pid ?? 0);
  const from = await done();
  const to = await until(before + count * UNTIL);
  const cost = await meter.read(to - from);
  await end(worker);
  return cost;
}

/** Lets a worker deliver that many of the waiting deliveries. */
export async function measureDeliver(stage: Stage, place: GrowingRedis, count: number): Promise<Cost> {
  await stage.sandbox.reset();
  const done = async () => (await stage.sandbox.ledger()).distinct;
  return measureWorker(stage, place, { connections: shops, count, done });
}

/** How many deliveries have not ended. */
export async function pendingIn({ redis }: GrowingRedis): Promise<number> {
  const jobs = `${PREFIX}:deliveries:`;
  const counts = await Promise.all([
    redis.llen(`${jobs}wait`),
    redis.llen(`${jobs}active`),
    redis.zcard(`${jobs}prioritized`),
    redis.zcard(`${jobs}delayed`),
  ]);
  return counts.reduce((sum, count) => sum + count, 0);
}
