import { writeFileSync } from 'node:fs';
import { renderConfigurationReference } from '../reference/configuration-reference.ts';
import { renderConnectionsReference } from '../reference/connections-reference.ts';

// Run by `npm run docs -w libs/config`.
const folder = new URL('../../../../docs/reference/', import.meta.url);
writeFileSync(new URL('configuration.md', folder), renderConfigurationReference());
writeFileSync(new URL('connections-file.md', folder), renderConnectionsReference());
