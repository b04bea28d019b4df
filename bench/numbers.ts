/** The value that such a part of all is below: 0.5 for the median. NaN of none. */
export function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(part * values.length)] ?? Number.NaN;
}

/** Of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** `median (least to most)`; of one value, that. */
export function spread(values: readonly number[], digits = 0): string {
  const report = (value: number) => value.toFixed(digits);
  if (values.length === 1) return report(median(values));
  return `${report(median(values))} (${report(Math.min(...values))} to ${report(Math.max(...values))})`;
}

/** Events a second between the first fifth, in which processes warm up, and the last. */
export function rateOf(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const counted = sorted.slice(Math.floor(sorted.length / 5));
  return (1_000 * (counted.length - 1)) / ((counted.at(-1) ?? 0) - (counted[0] ?? 0));
}
