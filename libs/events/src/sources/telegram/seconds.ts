/** The last second that a Date can hold. */
const LAST = 8_640_000_000_000;

/** Milliseconds since the epoch, of Telegram's seconds; undefined for what is no time in seconds. */
export function readSeconds(time: unknown): number | undefined {
  return typeof time === 'number' && time >= 0 && time <= LAST ? Math.trunc(time * 1000) : undefined;
}

/** The same in ISO 8601; undefined for what is no time in seconds. */
export function isoTime(time: unknown): string | undefined {
  const milliseconds = readSeconds(time);
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}
