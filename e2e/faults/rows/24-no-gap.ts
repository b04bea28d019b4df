import type { Row } from '../row.ts';

const ORDERS = 1_200;
const KILLS = 6;

export const noGap: Row = {
  row: 24,
  fault: 'ingest and Redis killed between deduplication and enqueue; webhooks sent twice',
  passes: 'no resend is dropped as a duplicate',
  extra: 'none',
  async run(scene) {
    const load = scene.load({ count: ORDERS, times: 2, concurrency: 40 });
    for (let kill = 0; kill < KILLS; kill++) {
      await load.accepted(Math.floor(((kill + 0.1 + 0.7 * scene.random()) * 2 * ORDERS) / KILLS));
      if (kill % 2 === 0) await scene.restart('ingest');
      else await restartRedis(scene.pipeline.redis);
    }
    await load.done;
    await scene.drained();
    const resent = scene.responses.filter(({ status }) => status === 0 || status === 503).length;
    scene.check('resends after 503 or no response', resent > 0, resent);
  },
};

async function restartRedis(redis: {
  signal(name: 'SIGKILL'): void;
  restart(): Promise<void>;
}): Promise<void> {
  redis.signal('SIGKILL');
  await redis.restart();
}
