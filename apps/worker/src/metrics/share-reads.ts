/**
 * Shares one read among all callers that ask while it is in flight. Gauges are collected concurrently; a gauge set while
 * another one is collected would be one scrape late.
 *
 * @returns a read that never rejects; it resolves to `undefined` if it failed
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
