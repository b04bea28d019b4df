import { dashboards } from '@sluice/grafana';
import type { RunningPrometheus } from './start-prometheus.ts';

/** What a panel's question came to. */
export interface Checked {
  readonly dashboard: string;
  readonly panel: string;
  readonly expr: string;
  readonly series: number;
  /** Why there may be none. */
  readonly mayBeEmpty?: string;
}

/** Puts values in the place of variables; of Grafana's own, what it is for a scrape every 15 s. */
export function fillIn(expr: string, variables: Readonly<Record<string, string>>): string {
  const known: Readonly<Record<string, string>> = { __rate_interval: '1m', ...variables };
  return expr.replaceAll(/\$(\w+)/g, (name, key) => known[key] ?? name);
}

/** Asks all that the dashboards ask, with a variable's value in its place. */
export async function checkPanels(
  { query }: Pick<RunningPrometheus, 'query'>,
  variables: Readonly<Record<string, string>>,
): Promise<readonly Checked[]> {
  const asked = dashboards.flatMap(({ title: dashboard, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ title: panel, targets }) =>
        targets.map((target) => ({ dashboard, panel, ...target })),
      ),
    ),
  );
  return Promise.all(
    asked.map(async ({ dashboard, panel, expr, mayBeEmpty }) => {
      const found = await query(fillIn(expr, variables));
      // A rate of nothing, and a quantile of nothing, are no number.
      const series = found.filter(({ value }) => !Number.isNaN(value)).length;
      return { dashboard, panel, expr, series, ...(mayBeEmpty === undefined ? {} : { mayBeEmpty }) };
    }),
  );
}
