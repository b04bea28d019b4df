import { writeFileSync } from 'node:fs';
import { renderMetricsReference } from '../metrics-reference.ts';

// Run by `npm run docs -w libs/observability`.
writeFileSync(new URL('../../../../docs/reference/metrics.md', import.meta.url), renderMetricsReference());
