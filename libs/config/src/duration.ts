const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A whole number and a unit: `500ms`, `90s`, `30m`, `24h`, `7d`. */
export const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;

/** Turns a text that fits `DURATION` into milliseconds; NaN for any other. */
export function parseDuration(text: string): number {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
}
