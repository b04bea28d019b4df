import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuiltApp, startBuilt } from '../start-built.ts';

export interface IngestOptions {
  /** Of a built checkout. */
  readonly root: string;
  readonly redisUrl: string;
  /** For its connections and its log. */
  readonly dir: string;
  /** Content of its connections file. */
  readonly connections: object;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts ingest as its image does: what was built, with NODE_ENV=production; its log goes to a file.
 *
 * @throws an Error if it does not listen within 15 s
 */
export async function startIngest(options: IngestOptions): Promise<BuiltApp> {
  const { root, redisUrl } = options;
  const dir = await mkdtemp(join(options.dir, 'ingest-'));
  const connections = join(dir, 'connections.json');
  await writeFile(connections, JSON.stringify(options.connections));
  const env = {
    ...{ REDIS_URL: redisUrl, SLUICE_CONNECTIONS: connections },
    ...{ SLUICE_INGEST_PORT: '0', SLUICE_INGEST_METRICS_PORT: '0' },
    ...options.env,
  };
  return startBuilt('ingest', { root, env, dir });
}
