const numbers = new Intl.NumberFormat('en');

/** 12,345 */
export const formatCount = (count: number): string => numbers.format(count);

const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3_600 },
  { name: 'min', seconds: 60 },
] as const;

/** 45 s, 12 min, 3 h, 2 d. Uses the largest unit of which the duration has at least 1.5. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1_000;
  const largest = UNITS.find((unit) => seconds >= 1.5 * unit.seconds);
  return largest
    ? `${formatCount(Math.round(seconds / largest.seconds))} ${largest.name}`
    : `${Math.round(seconds)} s`;
}

const times = new Intl.DateTimeFormat('en-US', {
  dateStyle: 'medium',
  timeStyle: 'medium',
  hourCycle: 'h23',
});

/** Nov 27, 2026, 18:04:12, in the time zone of the browser. */
export const formatTime = (at: number): string => times.format(at);

const clockTimes = new Intl.DateTimeFormat('en-US', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** 18:04, in the time zone of the browser. */
export const formatClockTime = (at: number): string => clockTimes.format(at);

/** 3.2 MB */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1_000 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** `1 dead letter`, `3 dead letters` */
export const formatPlural = (count: number, singular: string, plural = `${singular}s`): string =>
  count === 1 ? `1 ${singular}` : `${formatCount(count)} ${plural}`;
