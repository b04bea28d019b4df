import { openBucket } from './bucket.ts';
import type { Variant } from './variant.ts';

const AGAIN = 1_000;

/** The naive way: who finds no token comes back in a second. */
export const putBack: Variant = {
  title: 'put back by 1 s',
  openPacer({ redis }) {
    const takeToken = openBucket(redis);
    return {
      async admit(job, lock) {
        if ((await takeToken(job.data, job.id ?? '', 0)) === 0) return true;
        await job.moveToDelayed(Date.now() + AGAIN, lock);
        return false;
      },
    };
  },
};
