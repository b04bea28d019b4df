/** How long an event waited, or has waited so far. In milliseconds. */
export interface Wait {
  readonly time: number;
  readonly over: boolean;
}

/**
 * The waits of events, in order of length.
 *
 * @param given when each was given to the queue, by id
 */
export function waitsOf(
  given: ReadonlyMap<string, number>,
  sent: readonly { readonly id: string; readonly at: number }[],
  now: number,
): Wait[] {
  const sentAt = new Map(sent.map(({ id, at }) => [id, at]));
  return [...given]
    .map(([id, at]) => ({ time: (sentAt.get(id) ?? now) - at, over: sentAt.has(id) }))
    .toSorted((a, b) => a.time - b.time);
}

/**
 * Writes a quantile in seconds; with `>` where it is a lower bound, for an event that is not sent yet could
 * have been among the shorter waits only by its age.
 *
 * @param waits in order of length
 */
export function quantile(waits: readonly Wait[], part: number): string {
  const index = Math.min(waits.length - 1, Math.floor(waits.length * part));
  const wait = waits[index];
  if (!wait) return 'none';
  const bound = waits.slice(0, index + 1).some(({ over }) => !over);
  const seconds = wait.time / 1_000;
  return `${bound ? '> ' : ''}${seconds.toFixed(seconds < 10 ? 2 : 0)}`;
}

/** The middle one of the numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
