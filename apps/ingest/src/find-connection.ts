import { randomBytes } from 'node:crypto';
import type { Connection, Connections } from '@sluice/config';
import { Secret } from '@sluice/config';
import type { UnverifiedWebhook } from '@sluice/events';

export type Finding = { readonly known: boolean; readonly connection: Connection };

/**
 * Finds the connection of an address.
 *
 * An unknown one gets a stand-in with a secret that nobody knows, so that it goes the same way, takes the
 * same time and ends in the same answer as a wrong signature: nobody can list connections by trying.
 */
export function findConnection(
  connections: Connections,
  address: string,
  webhook: UnverifiedWebhook,
): Finding {
  const connection = connections.find(address, webhook);
  if (connection) return { known: true, connection };
  const [any] = connections.all();
  if (!any) throw new Error('there are no connections');
  return { known: false, connection: { ...any, secrets: [decoy] } };
}

const decoy = new Secret(randomBytes(32).toString('hex'));
