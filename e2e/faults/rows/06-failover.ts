import { setTimeout as pause } from 'node:timers/promises';
import { type RunningRedis, startRedis, startTcpProxy } from '@sluice/testing';
import { Redis } from 'ioredis';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const PER_SECOND = 100;
/** Milliseconds between the disconnect of the replicas and the failure of the primary. */
const CUT_OFF = 1_000;

const failover = (replicas: 0 | 1): Row => ({
  row: 6,
  fault: `failover to a replica disconnected ${CUT_OFF / 1_000} s before; SLUICE_WAIT_REPLICAS=${replicas}`,
  passes: replicas ? 'lost = 0' : 'lost is measured',
  lost: replicas ? 'none' : 'any',
  ledger: 'rolled back',
  options: { proxied: 'redis', env: { SLUICE_WAIT_REPLICAS: String(replicas) } },
  async run(scene) {
    const { redis: primary } = scene.pipeline;
    const link = await startTcpProxy(primary.port);
    scene.workspace.onClose(() => link.stop());
    // Two replicas: one is left to wait for after the failover.
    const followers = [await startReplica(scene, link.port), await startReplica(scene, link.port)];
    const load = scene.load({ perSecond: PER_SECOND, concurrency: PER_SECOND });
    await load.accepted(2 * PER_SECOND);
    link.blackHole();
    await pause(CUT_OFF);
    scene.faultStarted();
    primary.signal('SIGSTOP');
    const promoted = await promoteMostRecent(followers);
    // Open connections stay half-open to the frozen primary.
    scene.proxy.retarget(promoted.port);
    scene.redisUrl = promoted.url;
    scene.faultEnded();
    await load.answer(({ status, sentAt }) => status === 200 && sentAt > scene.faultEndedAt);
    await load.stop();
    await scene.drained();
  },
});

async function startReplica(scene: Scene, port: number): Promise<RunningRedis> {
  const replica = await startRedis({ own: true, args: ['--replicaof', '127.0.0.1', String(port)] });
  scene.workspace.onClose(() => replica.stop());
  const isUp = (redis: Redis) =>
    redis.info('replication').then((info) => info.includes('master_link_status:up'));
  while (!(await ask(replica, isUp))) await pause(100);
  return replica;
}

/** Promotes the replica with the highest offset, as Sentinel does, and attaches the others to it. */
async function promoteMostRecent(replicas: readonly RunningRedis[]): Promise<RunningRedis> {
  const offsets = await Promise.all(replicas.map((replica) => ask(replica, offsetOf)));
  const promoted = replicas[offsets.indexOf(Math.max(...offsets))] as RunningRedis;
  await ask(promoted, (redis) => redis.replicaof('NO', 'ONE'));
  for (const replica of replicas) {
    if (replica !== promoted) await ask(replica, (redis) => redis.replicaof('127.0.0.1', promoted.port));
  }
  return promoted;
}

async function offsetOf(redis: Redis): Promise<number> {
  return Number(/^slave_repl_offset:(\d+)/m.exec(await redis.info('replication'))?.[1]);
}

async function ask<T>({ url }: RunningRedis, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

export const failovers: readonly Row[] = [failover(1), failover(0)];
