import { setTimeout as pause } from 'node:timers/promises';
import { type RunningRedis, startRedis, startTcpProxy } from '@sluice/testing';
import { Redis } from 'ioredis';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';

const PER_SECOND = 100;
/** Milliseconds that the replica is cut off before the primary goes. */
const CUT_OFF = 1_000;

const failover = (replicas: 0 | 1): Row => ({
  row: 6,
  fault: `failover to a replica that was cut off ${CUT_OFF / 1_000} s before, SLUICE_WAIT_REPLICAS=${replicas}`,
  passes: replicas ? 'lost = 0' : 'the loss is measured',
  lost: replicas ? 'none' : 'any',
  options: { proxied: 'redis', env: { SLUICE_WAIT_REPLICAS: String(replicas) } },
  async run(scene) {
    const { redis: primary } = scene.pipeline;
    const link = await startTcpProxy(primary.port);
    scene.workplace.atEnd(() => link.stop());
    const replica = await startReplica(scene, link.port);
    const load = scene.load({ perSecond: PER_SECOND, concurrency: PER_SECOND });
    await load.accepted(2 * PER_SECOND);
    link.blackHole();
    await pause(CUT_OFF);
    scene.strike();
    primary.signal('SIGSTOP');
    await promote(replica);
    // Open connections stay with the frozen primary, and are half-open so.
    scene.proxy.aim(replica.port);
    scene.redisUrl = replica.url;
    scene.heal();
    await load.answer(({ status, sentAt }) => status === 200 && sentAt > scene.healedAt);
    await load.stop();
    await scene.drained();
  },
});

async function startReplica(scene: Scene, port: number): Promise<RunningRedis> {
  const replica = await startRedis({ own: true, args: ['--replicaof', '127.0.0.1', String(port)] });
  scene.workplace.atEnd(() => replica.stop());
  const redis = new Redis(replica.url);
  while (!(await redis.info('replication')).includes('master_link_status:up')) await pause(100);
  redis.disconnect();
  return replica;
}

async function promote({ url }: RunningRedis): Promise<void> {
  const redis = new Redis(url);
  await redis.replicaof('NO', 'ONE');
  redis.disconnect();
}

export const failovers: readonly Row[] = [failover(1), failover(0)];
