import { runSluice } from '@sluice/testing';
import type { Redis } from 'ioredis';
import { mendMapper } from '../mend-mapper.ts';
import type { Row } from '../row.ts';
import { TROUBLE_MODULE, troubleThing } from '../things.ts';

const DEAD = 6_000;
const PER_SECOND = 600;
const CONCURRENCY = 50;
/** Each when about a third more is put back. */
const KILLS = 2;

export const replayKilled: Row = {
  row: 23,
  fault: `replay of ${DEAD.toLocaleString('en-US')}: its worker is killed ${KILLS} times`,
  passes: 'none lost, none doubled',
  extra: 'none',
  options: { module: TROUBLE_MODULE, connections: [{ id: 'trouble', source: 'trouble' }] },
  async run(scene) {
    const make = () => troubleThing({ trouble: 'throw' });
    await scene.load({ count: DEAD, perSecond: PER_SECOND, concurrency: CONCURRENCY, make }).done;
    await scene.drained();
    await mendMapper(scene);
    const env = { REDIS_URL: scene.redisUrl };
    const replay = await runSluice(['replay', 'run', '--all', '--yes'], env);
    const killedAt: number[] = [];
    for (let kill = 1; kill <= KILLS; kill++) {
      await scene.withRedis((redis) => untilReplayed(redis, (kill * DEAD) / (KILLS + 1)));
      scene.strike();
      await scene.restart('worker');
      killedAt.push(await scene.withRedis(countReplayed));
    }
    scene.heal();
    const { code, stdout } = await replay.ended;
    scene.recovery = (Date.now() - scene.healedAt) / 1_000;
    scene.check(
      `killed before all were put back`,
      killedAt.every((count) => count < DEAD),
      killedAt.join(' and '),
    );
    scene.check('the replay is done', code === 0, stdout.trim().split('\n').at(-1) ?? '');
    await scene.drained();
    const all = await scene.withRedis(countReplayed);
    scene.check('put back once each', all === DEAD, all);
  },
};

async function countReplayed(redis: Redis): Promise<number> {
  return Number((await redis.hget('{sluice}:ledger', 'trouble\0replayed')) ?? 0);
}

/** Watches closely: a worker puts hundreds back in a step. */
async function untilReplayed(redis: Redis, count: number): Promise<void> {
  while ((await countReplayed(redis)) < count);
}
