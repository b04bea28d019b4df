import { copyFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';

/** A connection of a row; what is left out is the same for all. */
export interface ConnectionEntry {
  readonly id: string;
  /** `shopify` unless given. */
  readonly source?: string;
  /** Its bot; `bot-1` unless given. */
  readonly bot?: string;
  /** Without it, so many that nothing is paced: rows are about faults, not about limits. */
  readonly eventsPerMinute?: number;
  readonly apiUrl?: string;
  readonly retry?: { readonly for?: string; readonly reconcile?: boolean };
}

export interface ConnectionsFile {
  readonly path: string;
  /** Edits it; the apps notice within two seconds. */
  write(entries: readonly ConnectionEntry[]): Promise<void>;
}

/** Base64, for Standard Webhooks takes nothing else. */
export const secretOf = (connection: string): string =>
  Buffer.from(`faults-secret-of-${connection}`).toString('base64');

/** Of each source, the settings of a connection of that id. */
export const SETTINGS: Record<string, (id: string) => object> = {
  shopify: (shopName) => ({ shopName }),
  'standard-webhooks': () => ({ events: { '*': 'somethingHappened' } }),
};

/**
 * Writes a connections file into a folder.
 *
 * @param module path of a user's module, copied beside it
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
    // An integration of its own may send any event to the sandbox.
    botpress: { botId: bot, integrationId: 'faults', token: 'faults-token', ...(apiUrl ? { apiUrl } : {}) },
    limits: { eventsPerMinute },
    ...(retry ? { retry } : {}),
  };
}
