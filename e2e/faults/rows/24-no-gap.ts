import type { Row } from '../row.ts';

const ORDERS = 1_200;
const KILLS = 6;

export const noGap: Row = {
  row: 24,
  fault: 'crash between deduplication and enqueue: ingest and Redis killed, all sent twice',
  passes: "the sender's resend is not swallowed",
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
    scene.check('tries without a 2xx, resent', resent > 0, resent);
  },
};

async function restartRedis(redis: {
  signal(name: 'SIGKILL'): void;
  restart(): Promise<void>;
}): Promise<void> {
  redis.signal('SIGKILL');
  await redis.restart();
}
