import { runSluice } from '@sluice/testing';
import type { Redis } from 'ioredis';
import { mendMapper } from '../mend-mapper.ts';
import type { Row } from '../row.ts';
import { TROUBLE_MODULE, troubleThing } from '../things.ts';

const DEAD = 6_000;
const PER_SECOND = 600;
const CONCURRENCY = 50;

export const replayKilled: Row = {
  row: 23,
  fault: `replay of ${DEAD.toLocaleString('en-US')} killed half way`,
  passes: 'rerun: none lost, none doubled',
  extra: 'none',
  options: { module: TROUBLE_MODULE, connections: [{ id: 'trouble', source: 'trouble' }] },
  async run(scene) {
    const make = () => troubleThing({ trouble: 'throw' });
    await scene.load({ count: DEAD, perSecond: PER_SECOND, concurrency: CONCURRENCY, make }).done;
    await scene.drained();
    await mendMapper(scene);
    const env = { REDIS_URL: scene.redisUrl };
    const first = await runSluice(['replay', '--all'], env);
    await scene.withRedis((redis) => untilReplayed(redis, DEAD / 20));
    scene.strike();
    first.signal('SIGKILL');
    await first.ended;
    const replayed = await scene.withRedis(countReplayed);
    scene.check(`killed with some of ${DEAD} put back`, replayed > 0 && replayed < DEAD, replayed);
    const { code, stdout } = await (await runSluice(['replay', '--all'], env)).ended;
    scene.heal();
    scene.check('run again', code === 0, stdout.trim());
    await scene.drained();
    scene.recovery = (Date.now() - scene.healedAt) / 1_000;
    const all = await scene.withRedis(countReplayed);
    scene.check('put back once each', all === DEAD, all);
  },
};

async function countReplayed(redis: Redis): Promise<number> {
  return Number((await redis.hget('{sluice}:ledger', 'trouble\0replayed')) ?? 0);
}

/** Watches closely: a replay of thousands takes less than a second. */
async function untilReplayed(redis: Redis, count: number): Promise<void> {
  while ((await countReplayed(redis)) < count);
}
