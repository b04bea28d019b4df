import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPipeline } from '@sluice/testing';
import { tellReplay } from './replay.ts';
import { openShop } from './shop.ts';
import { Teller } from './teller.ts';

/** `npm run story:replay` runs the story and fails where it goes another way; `-- --write` writes it into docs. */
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

const DOCUMENT = fileURLToPath(new URL('../../docs/tutorial/replay-an-incident.md', import.meta.url));

const INTRODUCTION = `# A mapper has a bug: a story with its commands

Written by \`npm run story:replay -- --write\`, which runs all of it: ingest, worker, Redis and a stand-in for Botpress
as processes, and each command as it stands here.`;

const folder = await mkdtemp(join(tmpdir(), 'sluice-story-'));
const shop = await openShop(folder);
const pipeline = await startPipeline({ env: { SLUICE_CONNECTIONS: shop.connectionsPath } });
try {
  const teller = new Teller(pipeline.env, (text) => process.stdout.write(text));
  teller.tell(INTRODUCTION);
  await tellReplay({ pipeline, shop, teller });
  if (values.write) await writeFile(DOCUMENT, teller.text.replaceAll(folder, 'config'));
} finally {
  await pipeline.stop();
  await rm(folder, { recursive: true, force: true });
}
