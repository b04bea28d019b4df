import { dashboards } from '@sluice/grafana';
import { fillIn } from './check-panels.ts';
import type { RunningPrometheus } from './start-prometheus.ts';

/** Steps in a picture. */
const STEPS = 240;

/** Reads what all dashboards show of a span, as Grafana would ask for it. Times are in milliseconds since the epoch. */
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
