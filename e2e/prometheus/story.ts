/** A figure over time: a gauge by its value, a counter by what it goes up in a minute; undefined: no series then. */
export type Signal =
  | { readonly gauge: (minute: number) => number | undefined }
  | { readonly counter: (minute: number) => number };

/** What is told in the course of a story, by series as PromQL writes it. */
export type Story = Readonly<Record<string, Signal>>;

export const gauge = (value: number | ((minute: number) => number | undefined)): Signal => ({
  gauge: typeof value === 'number' ? () => value : value,
});

export const counter = (perMinute: number | ((minute: number) => number)): Signal => ({
  counter: typeof perMinute === 'number' ? () => perMinute : perMinute,
});

/** The value in a span of minutes, and another before and after. */
export const during =
  <Value>(from: number, to: number, value: Value, otherwise: Value) =>
  (minute: number): Value =>
    minute >= from && minute < to ? value : otherwise;

/**
 * Tells a story as promtool's input series.
 *
 * @param step minutes between two scrapes
 */
export function toInputSeries(story: Story, { minutes, step }: { minutes: number; step: number }) {
  const times = Array.from({ length: Math.ceil(minutes / step) + 1 }, (_, index) => index * step);
  return Object.entries(story).map(([series, signal]) => {
    let sum = 0;
    const values = times.map((time) => {
      if ('gauge' in signal) return signal.gauge(time) ?? '_';
      sum += signal.counter(time) * step;
      return Math.round(sum * 1_000) / 1_000;
    });
    return { series, values: values.join(' ') };
  });
}
