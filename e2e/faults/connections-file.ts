import { copyFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';

/** A connection of a row. Everything else is the same for all connections. */
export interface ConnectionEntry {
  readonly id: string;
  /** Default: `shopify`. */
  readonly source?: string;
  /** Default: `bot-1`. */
  readonly bot?: string;
  /** Default: high enough that nothing is paced. Rows test faults, not limits. */
  readonly eventsPerMinute?: number;
  readonly apiUrl?: string;
  readonly retry?: { readonly for?: string; readonly reconcile?: boolean };
}

export interface ConnectionsFile {
  readonly path: string;
  /** Rewrites the file. The apps reload it within two seconds. */
  write(entries: readonly ConnectionEntry[]): Promise<void>;
}

/** Returns the secret of a connection in Base64, which Standard Webhooks requires. */
export const secretOf = (connection: string): string =>
  Buffer.from(`faults-secret-of-${connection}`).toString('base64');

/** Settings of a connection, by source. */
export const SETTINGS: Record<string, (id: string) => object> = {
  shopify: (shopName) => ({ shopName }),
  'standard-webhooks': () => ({ events: { '*': 'somethingHappened' } }),
};

/**
 * Writes a connections file to a folder.
 *
 * @param module path of a source module, which is copied to the same folder
 */
export async function writeConnections(
  folder: string,
  entries: readonly ConnectionEntry[],
  module?: string,
): Promise<ConnectionsFile> {
  const path = join(folder, 'connections.yaml');
  const modules = module ? { modules: [`./${basename(module)}`] } : {};
  if (module) await copyFile(module, join(folder, basename(module)));
  const write = (list: readonly ConnectionEntry[]) =>
    writeFile(path, stringify({ ...modules, connections: list.map(toConnection) }));
  await write(entries);
  return { path, write };
}

function toConnection(entry: ConnectionEntry): object {
  const { id, source = 'shopify', bot = 'bot-1', eventsPerMinute = 1_000_000, apiUrl, retry } = entry;
  return {
    id,
    source,
    secrets: [secretOf(id)],
    settings: SETTINGS[source]?.(id) ?? {},
    // With its own integration, a connection may send any event to the sandbox.
    botpress: { botId: bot, integrationId: 'faults', token: 'faults-token', ...(apiUrl ? { apiUrl } : {}) },
    limits: { eventsPerMinute },
    ...(retry ? { retry } : {}),
  };
}
