import type { Dashboard } from './dashboard.ts';
import { deadLetters } from './dashboards/dead-letters.ts';
import { delivery } from './dashboards/delivery.ts';
import { overview } from './dashboards/overview.ts';
import { redisAndProcesses } from './dashboards/redis-and-processes.ts';
import { source } from './dashboards/source.ts';
import { toGrafana } from './to-grafana.ts';

export type { Dashboard, Panel, Target } from './dashboard.ts';

/** All dashboards, from general to specific. */
export const dashboards: readonly Dashboard[] = [overview, source, delivery, deadLetters, redisAndProcesses];

/** Returns the JSON file of a dashboard, for Grafana's provisioning. */
export function renderDashboard(dashboard: Dashboard): string {
  return `${JSON.stringify(toGrafana(dashboard), null, 2)}\n`;
}
