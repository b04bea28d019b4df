import { PREFIX } from '../eager-producer.ts';
import { shop, shopName } from '../shops.ts';
import { cloneDeliveries } from './clone.ts';
import type { Growing } from './curves.ts';
import type { GrowingRedis } from './growing-redis.ts';
import { measureEnqueue, measureWorker, type Stage } from './phases.ts';

const COUNT = 1_500;
const TEMPLATES = 200;
/** Of other deliveries that are enqueued when the limit is raised, so that the gate hears of it. */
const NUDGES = 5;

/** Five that share a bot, with a limit of that many events a minute. */
const CONNECTIONS = 5;
const sharing = (eventsPerMinute: number) =>
  Array.from({ length: CONNECTIONS }, (_, index) => shop(index, 'paced-bot', eventsPerMinute));
const connectionFor = (index: number) => shopName(index % CONNECTIONS);

/** Deliveries that wait for the turn of their bot: one event a minute while they come, a million when they go. */
const SLOW = sharing(1);
const FAST = sharing(1_000_000);

/** Deliveries that wait in the lanes of five connections which share a paced bot. */
export const lanes: Growing = {
  points: [
    { title: '0 in lanes', size: 0 },
    { title: '10,000', size: 10_000 },
    { title: '100,000', size: 100_000 },
    { title: '1,000,000', size: 1_000_000 },
  ],
  async seed(stage, place, size) {
    if (size === 0) return;
    await measureEnqueue(stage, place, TEMPLATES, connectionFor);
    await enter(stage, place, TEMPLATES);
    await cloneDeliveries(place.redis, { standing: 'in a lane', count: size - TEMPLATES });
  },
  async measure(stage, place, size) {
    const lacking = size - (await inLanes(place));
    await measureEnqueue(stage, place, COUNT + lacking, connectionFor);
    const entered = await enter(stage, place, COUNT);
    await measureEnqueue(stage, place, NUDGES, connectionFor);
    const left = await leave(stage, place);
    return { 'Into a lane, by the worker': entered, 'Out of it and delivered, by the worker': left };
  },
};

const inLanes = ({ redis }: GrowingRedis) => redis.zcard(`${PREFIX}:deliveries:delayed`);

/** Lets a worker park that many deliveries whose bot has no tokens. */
function enter(stage: Stage, place: GrowingRedis, count: number) {
  return measureWorker(stage, place, { connections: SLOW, count, done: () => inLanes(place) });
}

/** Lets a worker deliver those that wait longest. */
async function leave(stage: Stage, place: GrowingRedis) {
  await stage.sandbox.reset();
  const done = async () => (await stage.sandbox.ledger()).distinct;
  return measureWorker(stage, place, { connections: FAST, count: COUNT, done });
}
