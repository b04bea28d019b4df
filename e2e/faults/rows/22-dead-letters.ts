import { createDeadLetters, type DeadLetters, openShards } from '@sluice/queue';
import { seedDeadLetters } from '@sluice/testing';
import { percentile } from '../measure.ts';
import type { Row } from '../row.ts';
import type { Scene } from '../scene.ts';
import { invalidOrder, order } from '../webhooks.ts';

const DEAD = 100_000;
const PREFIX = '{sluice}';
const PER_SECOND = 40;
/** Webhooks sent with and without dead letters: ten seconds each. */
const SENT = 400;
/** Milliseconds for the first page, for all groups with counts, and for a filter without matches. */
const FIRST_PAGE = 200;
const GROUPS = 200;
const FILTER = 1_000;
/** Milliseconds of tolerance for a busy machine. */
const SLACK = 50;

export const manyDeadLetters: Row = {
  row: 22,
  fault: `${DEAD.toLocaleString('en-US')} dead letters`,
  passes: `first page p95 < ${FIRST_PAGE} ms; live traffic unaffected`,
  extra: 'none',
  dead: DEAD,
  async run(scene) {
    await scene.warmUp();
    const before = await measureLag(scene, async () => {});
    await scene.load({ count: 1, make: () => invalidOrder('shop') }).done;
    await scene.drained();
    await scene.withRedis(async (redis) => {
      const [template = ''] = await redis.zrange(`${PREFIX}:deliveries:failed`, '0', '0');
      await seedDeadLetters(redis, {
        prefix: PREFIX,
        template,
        count: DEAD - 1,
        diedAt: Date.now() - 3_600_000,
      });
    });
    const shards = openShards({
      url: scene.redisUrl,
      name: 'row-22',
      prefix: PREFIX,
      onError: () => {},
    });
    scene.workspace.onClose(() => shards.close());
    await shards.reached;
    const deadLetters = createDeadLetters(shards);
    const pages: number[] = [];
    const beside = await measureLag(scene, async (isOver) => {
      while (!isOver()) pages.push(await time(() => deadLetters.find({}, { order: 'newest', limit: 50 })));
    });
    scene.atMost(`first page of ${pages.length}, p95, ms`, percentile(pages, 0.95), FIRST_PAGE);
    // The first read assigns seeded dead letters to groups.
    const groups = await deadLetters.groups();
    const counted = groups.reduce((sum, { count }) => sum + count, 0);
    scene.check('dead letters in groups', counted === DEAD, counted);
    scene.atMost('groups and counts, ms', await time(() => deadLetters.groups()), GROUPS);
    const findNone = () => deadLetters.find({ connection: 'unknown' }, { order: 'newest', limit: 50 });
    scene.atMost('filter without matches, ms', await time(findNone), FILTER);
    const all = await countAll(deadLetters);
    scene.check('dead letters listed', all === DEAD, all);
    scene.atMost(`lag of live traffic, p95, ms (${before} without dead letters)`, beside, 2 * before + SLACK);
  },
};

/** Sends webhooks while `doing` runs. Returns the p95 lag in milliseconds. */
async function measureLag(scene: Scene, doing: (isOver: () => boolean) => Promise<void>): Promise<number> {
  const since = Date.now();
  let isOver = false;
  const load = scene.load({ count: SENT, perSecond: PER_SECOND, make: () => order() }).done;
  await Promise.all([
    load.finally(() => {
      isOver = true;
    }),
    doing(() => isOver),
  ]);
  await scene.drained();
  const delivered = scene.attempts(
    ({ outcome, time }) => outcome === 'delivered' && Date.parse(String(time)) >= since,
  );
  return percentile(
    delivered.map(({ lagMs }) => Number(lagMs)),
    0.95,
  );
}

/** Returns the duration in milliseconds. */
async function time(what: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await what();
  return performance.now() - start;
}

async function countAll(deadLetters: DeadLetters): Promise<number> {
  const ids = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await deadLetters.find({}, { order: 'newest', limit: 1_000, cursor });
    for (const { id } of page.letters) ids.add(id);
    cursor = page.next;
  } while (cursor);
  return ids.size;
}
