import { writeFileSync } from 'node:fs';
import { describeConsoleApi } from '../reference/describe-console-api.ts';
import { renderApiReference } from '../reference/render-api-reference.ts';

// Run by `npm run docs -w apps/console`.
const folder = new URL('../../../../docs/reference/', import.meta.url);
const document = describeConsoleApi();
writeFileSync(new URL('openapi.json', folder), JSON.stringify(document));
writeFileSync(new URL('api.md', folder), renderApiReference(document));
