import { dashboards } from '@sluice/grafana';
import type { RunningPrometheus } from './start-prometheus.ts';

/** The result of a panel's query. */
export interface PanelCheck {
  readonly dashboard: string;
  readonly panel: string;
  readonly expr: string;
  readonly series: number;
  /** Why the result may be empty. */
  readonly emptyWhen?: string;
}

/** Replaces variables by values. Grafana's own variables have their values for a scrape interval of 15 s. */
function fillIn(expr: string, variables: Readonly<Record<string, string>>): string {
  const known: Readonly<Record<string, string>> = { __rate_interval: '1m', ...variables };
  return expr.replaceAll(/\$(\w+)/g, (name, key) => known[key] ?? name);
}

/** Runs all queries of the dashboards with the given variables. */
export async function checkPanels(
  { query }: Pick<RunningPrometheus, 'query'>,
  variables: Readonly<Record<string, string>>,
): Promise<readonly PanelCheck[]> {
  const asked = dashboards.flatMap(({ title: dashboard, rows }) =>
    rows.flatMap(({ panels }) =>
      panels.flatMap(({ title: panel, targets }) =>
        targets.map((target) => ({ dashboard, panel, ...target })),
      ),
    ),
  );
  return Promise.all(
    asked.map(async ({ dashboard, panel, expr, emptyWhen }) => {
      const found = await query(fillIn(expr, variables));
      // Rates and quantiles without data are NaN.
      const series = found.filter(({ value }) => !Number.isNaN(value)).length;
      return { dashboard, panel, expr, series, ...(emptyWhen === undefined ? {} : { emptyWhen }) };
    }),
  );
}

/** Steps in a chart. */
const STEPS = 240;

/** Runs all queries over a time range, like Grafana. Times are in milliseconds since the epoch. */
export async function readPanels(
  { url }: Pick<RunningPrometheus, 'url'>,
  span: { from: number; to: number },
) {
  const start = span.from / 1_000;
  const end = span.to / 1_000;
  const step = Math.max(1, (end - start) / STEPS);
  const read = async (expr: string) => {
    const query = fillIn(expr, { connection: 'acme' });
    const body = new URLSearchParams({ query, start: `${start}`, end: `${end}`, step: `${step}` });
    const answer = await fetch(`${url}/api/v1/query_range`, { method: 'POST', body });
    const { data } = (await answer.json()) as { data: { result: unknown } };
    return data.result;
  };
  return Promise.all(
    dashboards.map(async ({ uid, title, rows }) => ({
      uid,
      title,
      start,
      end,
      rows: await Promise.all(
        rows.map(async ({ title: row, panels }) => ({
          title: row,
          panels: await Promise.all(
            panels.map(async (panel) => ({
              ...panel,
              targets: await Promise.all(
                panel.targets.map(async (target) => ({ ...target, result: await read(target.expr) })),
              ),
            })),
          ),
        })),
      ),
    })),
  );
}
