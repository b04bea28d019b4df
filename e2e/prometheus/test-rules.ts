import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promtool } from './promtool.ts';

export const RULES = ['recording.yml', 'alerts.yml'].map((file) =>
  fileURLToPath(new URL(`../../deploy/prometheus/${file}`, import.meta.url)),
);

export interface RuleTest {
  readonly scenario: Scenario;
  readonly minutes: number;
  /** Minutes between two scrapes and evaluations. Default: 0.25. */
  readonly step?: number;
  /** Firing alerts by minute. */
  readonly firing: Readonly<Record<number, readonly string[]>>;
}

/**
 * Runs a scenario through the rules with promtool, and compares the firing alerts at each time.
 *
 * @throws Error with the differences
 */
export async function testRules({ scenario, minutes, step = 0.25, firing }: RuleTest): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-rules-'));
  const interval = `${step * 60}s`;
  const file = {
    rule_files: RULES,
    evaluation_interval: interval,
    tests: [
      {
        interval,
        input_series: toInputSeries(scenario, { minutes, step }),
        promql_expr_test: Object.entries(firing).map(([minute, alerts]) => ({
          expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
          eval_time: `${Number(minute) * 60}s`,
          exp_samples: alerts.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
        })),
      },
    ],
  };
  try {
    const path = join(folder, 'test.yml');
    // JSON is YAML.
    await writeFile(path, JSON.stringify(file));
    await promtool('test', 'rules', path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A metric over time: the value of a gauge, or the increase of a counter per minute. `undefined`: no series. */
export type Signal =
  | { readonly gauge: (minute: number) => number | undefined }
  | { readonly counter: (minute: number) => number };

/** Metrics over time, by series in PromQL. */
export type Scenario = Readonly<Record<string, Signal>>;

export const gauge = (value: number | ((minute: number) => number | undefined)): Signal => ({
  gauge: typeof value === 'number' ? () => value : value,
});

export const counter = (perMinute: number | ((minute: number) => number)): Signal => ({
  counter: typeof perMinute === 'number' ? () => perMinute : perMinute,
});

/** Returns one value in a range of minutes, and another before and after it. */
export const during =
  <Value>(from: number, to: number, value: Value, otherwise: Value) =>
  (minute: number): Value =>
    minute >= from && minute < to ? value : otherwise;

/**
 * Converts a scenario to promtool's input series.
 *
 * @param step minutes between two scrapes
 */
function toInputSeries(scenario: Scenario, { minutes, step }: { minutes: number; step: number }) {
  const times = Array.from({ length: Math.ceil(minutes / step) + 1 }, (_, index) => index * step);
  return Object.entries(scenario).map(([series, signal]) => {
    let sum = 0;
    const values = times.map((time) => {
      if ('gauge' in signal) return signal.gauge(time) ?? '_';
      sum += signal.counter(time) * step;
      return Math.round(sum * 1_000) / 1_000;
    });
    return { series, values: values.join(' ') };
  });
}
