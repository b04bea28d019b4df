import { randomBytes } from 'node:crypto';
import type { Connection, Connections } from '@sluice/config';
import { Secret } from '@sluice/config';
import type { UnverifiedWebhook } from '@sluice/events';

export type ConnectionMatch = { readonly known: boolean; readonly connection: Connection };

/**
 * Finds the connection of an address: an id, or a source whose webhooks name their account.
 *
 * An unknown address gets a stand-in: a configured connection, the same one each time, with as many random secrets.
 * The request then takes the same path and time, and gets the same response, as one with a wrong signature. So
 * connections cannot be enumerated.
 *
 * @throws Error if no connection is configured
 */
export function findConnection(
  connections: Connections,
  address: string,
  webhook: UnverifiedWebhook,
): ConnectionMatch {
  const connection = connections.find(address, webhook);
  if (connection) return { known: true, connection };
  const all = connections.all();
  const model = all[seededHash(address) % all.length];
  if (!model) throw new Error('No connections are configured. Add one to the connections file.');
  return { known: false, connection: { ...model, secrets: model.secrets.map(() => randomSecret) } };
}

const randomSecret = new Secret(randomBytes(32).toString('hex'));
const seed = randomBytes(4).readUInt32LE();

/** FNV-1a: takes nanoseconds, since a known address does not need it, and spreads addresses over the connections. */
function seededHash(text: string): number {
  let hash = seed;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
