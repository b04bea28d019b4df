/**
 * Makes a read that all share who ask while it is under way: metrics are collected side by side, and each that is set
 * by another's collecting would be a scrape late.
 *
 * @returns a read that never rejects; undefined if it failed
 */
export function shareReads<T>(read: () => Promise<T | undefined>): () => Promise<T | undefined> {
  let reading: Promise<T | undefined> | undefined;
  return () => {
    reading ??= read()
      .catch(() => undefined)
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
}
