import { writeFileSync } from 'node:fs';
import { connectionsJsonSchema } from '../connections-schema.ts';

// Run by `npm run schema`, which formats it afterwards.
const file = new URL('../../../../config/connections.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(connectionsJsonSchema(), null, 2)}\n`);
