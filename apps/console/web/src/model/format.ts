const numbers = new Intl.NumberFormat('en');

/** 12,345 */
export const formatCount = (count: number): string => numbers.format(count);

const UNITS = [
  { unit: 'd', seconds: 86_400 },
  { unit: 'h', seconds: 3_600 },
  { unit: 'min', seconds: 60 },
] as const;

/** 45 s, 12 min, 3 h, 2 d: the largest unit of which there is at least one and a half. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1_000;
  const found = UNITS.find((one) => seconds >= 1.5 * one.seconds);
  return found
    ? `${formatCount(Math.round(seconds / found.seconds))} ${found.unit}`
    : `${Math.round(seconds)} s`;
}

const moments = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** 27 Nov 2026, 18:04:12, in the reader's own zone. */
export const formatMoment = (at: number): string => moments.format(at);

/** 3.2 MB */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1_000 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** `one dead letter`, `3 dead letters` */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  count === 1 ? `1 ${one}` : `${formatCount(count)} ${many}`;
