import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtInIntegrations } from '../integration/built-in-integrations.ts';
import { integrationFiles } from '../integration/integration-files.ts';

// Run by `npm run generate -w libs/botpress`.
const root = fileURLToPath(new URL('../../../../integration', import.meta.url));
for (const [folder, spec] of builtInIntegrations()) {
  for (const [path, text] of integrationFiles(spec)) {
    const file = `${root}/${folder}/${path}`;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
