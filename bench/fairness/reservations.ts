import { openBucket } from './bucket.ts';
import type { Variant } from './variant.ts';

/** Milliseconds: all the turns there are. */
const ANY = 1e12;

/** First come, first served: each reserves the bot's next free turn, and comes back for it. */
export const reservations: Variant = {
  title: 'FIFO with reservations',
  openPacer({ redis }) {
    const takeToken = openBucket(redis);
    return {
      async admit(job, lock) {
        const wait = await takeToken(job.data, job.id ?? '', ANY);
        if (wait === 0) return true;
        await job.moveToDelayed(Date.now() + wait, lock);
        return false;
      },
    };
  },
};
