import { writeFileSync } from 'node:fs';
import { connectionsJsonSchema } from '../connections/connection-schema.ts';

// Run by `npm run schema -w libs/config`, which formats the file afterwards.
const file = new URL('../../../../config/connections.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(connectionsJsonSchema(), null, 2)}\n`);
