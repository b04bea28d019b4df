import { writeFileSync } from 'node:fs';
import { renderCliReference } from '../cli-reference.ts';

// Run by `npm run docs -w apps/cli`.
writeFileSync(new URL('../../../../docs/reference/cli.md', import.meta.url), renderCliReference());
