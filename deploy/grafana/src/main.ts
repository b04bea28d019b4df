import { writeFileSync } from 'node:fs';
import { dashboards, renderDashboard } from './index.ts';

// npm run generate -w deploy/grafana
for (const dashboard of dashboards) {
  writeFileSync(new URL(`../dashboards/${dashboard.uid}.json`, import.meta.url), renderDashboard(dashboard));
}
