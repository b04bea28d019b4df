/** Milliseconds. */
const WINDOW = 600_000;

/**
 * Remembers how many dead letters there were, and tells how many more there are than at some time within the last ten
 * minutes: what an operator discards or replays meanwhile is no decline that hides new ones.
 *
 * @param now milliseconds of a clock
 */
export function createDeathCount(now: () => number): (dead: number) => number {
  let seen: readonly { readonly at: number; readonly dead: number }[] = [];
  return (dead) => {
    seen = [...seen.filter(({ at }) => now() - at < WINDOW), { at: now(), dead }];
    return dead - Math.min(...seen.map((one) => one.dead));
  };
}
