import { BacklogPriority, Dispatcher, openScheduler, park } from '@sluice/queue';
import type { RedisQueueBackend } from 'bullmq';
import { LOCK_DURATION, PREFIX, type Variant } from './variant.ts';

/** Milliseconds; nothing is refused here, so nothing is probed. */
const PROBE_AFTER = 30_000;

const onError = (error: Error) => void process.stderr.write(`${error.stack}\n`);
const backlog = new BacklogPriority(() => performance.now());

/** Sluice's own gate: a lane for each connection, served by weight as the bot's tokens come in. */
export const lanes: Variant = {
  title: 'lanes by weight',
  rank: async (_redis, { connection, eventsPerMinute }, count) =>
    Array.from({ length: count }, () => ({ priority: backlog.next(connection, eventsPerMinute) })),
  openPacer({ redisUrl, worker }) {
    const gate = openScheduler({
      ...{ redisUrl, prefix: PREFIX, onError },
      ...{ probeAfter: PROBE_AFTER, lockDuration: LOCK_DURATION },
    });
    const backend = worker.getBackend() as RedisQueueBackend;
    const releaser = new Dispatcher({ backend, onError });
    releaser.start();
    return {
      async admit({ id = '', data }, lock) {
        const { connection, share } = data;
        const bot = { id: data.bot, eventsPerMinute: data.eventsPerMinute };
        const lane = { deliveryId: id, lock, connection, bot, share };
        const turn = await gate.acquire(lane);
        if (turn.kind === 'granted') return true;
        if (turn.kind !== 'paced') throw new Error(`asked for a turn: ${turn.kind}`);
        await park(backend, { ...lane, until: turn.until });
        return false;
      },
    };
  },
};
