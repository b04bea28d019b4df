import { randomBytes } from 'node:crypto';
import type { Connection, Connections } from '@sluice/config';
import { Secret } from '@sluice/config';
import type { UnverifiedWebhook } from '@sluice/events';

export type Finding = { readonly known: boolean; readonly connection: Connection };

/**
 * Finds the connection of an address.
 *
 * An unknown address gets a stand-in: some connection of the file, the same one each time, with as many
 * secrets that nobody knows. So it goes the same way, takes the same time and ends in the same answer as a
 * wrong signature for a connection of that source: nobody can list connections by trying.
 */
export function findConnection(
  connections: Connections,
  address: string,
  webhook: UnverifiedWebhook,
): Finding {
  const connection = connections.find(address, webhook);
  if (connection) return { known: true, connection };
  const all = connections.all();
  const model = all[seededHash(address) % all.length];
  if (!model) throw new Error('there are no connections');
  return { known: false, connection: { ...model, secrets: model.secrets.map(() => decoy) } };
}

const decoy = new Secret(randomBytes(32).toString('hex'));
const seed = randomBytes(4).readUInt32LE();

/** FNV-1a: spreads addresses over the connections, in nanoseconds, for a known address is spared it. */
function seededHash(text: string): number {
  let hash = seed;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
