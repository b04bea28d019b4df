import type { Moving } from '../dead-letters/moving.ts';

/** Deleted in one script, between which others get on: some 5 ms. */
const AT_ONCE = 500;

/**
 * Deletes for good the oldest of a set of dead letters: those of that time and before, or so many.
 *
 * @param why for the audit lines, which tell how many went
 * @returns how many
 */
export async function purgeOldest(
  { redis, backend, now }: Moving,
  set: string,
  which: { readonly until: number } | { readonly count: number },
  why: string,
): Promise<number> {
  const note = JSON.stringify({ who: 'sluice', reason: why, at: now() });
  let left = 'count' in which ? which.count : Number.POSITIVE_INFINITY;
  let purged = 0;
  for (;;) {
    const count = Math.min(AT_ONCE, left);
    const until = 'until' in which ? which.until : '+inf';
    const ids = count > 0 ? await redis.zrangebyscore(set, '-inf', until, 'LIMIT', 0, count) : [];
    if (ids.length === 0) return purged;
    purged += Number(await backend.move('purge', [note, ...ids]));
    left -= ids.length;
  }
}
