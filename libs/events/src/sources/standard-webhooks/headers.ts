import type { UnverifiedWebhook } from '../../webhook.ts';

export interface StandardHeaders {
  readonly id: string;
  /** Seconds since the epoch, as text. */
  readonly timestamp: string;
  readonly signature: string;
}

/**
 * Reads the three headers: of one set, `webhook-*` or Svix' older `svix-*`, never some of each. Some senders
 * send both. A missing one is empty.
 */
export function standardHeaders({ headers }: Pick<UnverifiedWebhook, 'headers'>): StandardHeaders {
  const prefix = headers['webhook-signature'] === undefined ? 'svix' : 'webhook';
  const read = (name: string) => headers[`${prefix}-${name}`] ?? '';
  return { id: read('id'), timestamp: read('timestamp'), signature: read('signature') };
}
