import type { RunningSandbox } from './start-sandbox.ts';

/** The sender's record of the responses to its webhooks, which the pipeline does not write. */
export interface SenderLedger {
  /** Delivery ids in 2xx responses. */
  readonly accepted: Set<string>;
  /** By request and position in it: the delivery ids in its 2xx responses. More than one id is a duplicate. */
  readonly deliveryIds: Map<object, Set<string>[]>;
  /** Responses by status; 0: no response. */
  readonly responses: Map<number, number>;
}

/** Returns an empty ledger. */
export function openSenderLedger(): SenderLedger {
  return { accepted: new Set(), deliveryIds: new Map(), responses: new Map() };
}

/** The deliveries in the queue, by their ids. */
export interface QueueContents {
  readonly dead: ReadonlySet<string>;
  /** Waiting, in flight, delayed, paced or held. */
  readonly pending: ReadonlySet<string>;
  /** Events that operators created knowingly although the delivery had one: `resent` of the ledger. Default: 0. */
  readonly resent?: number;
}

/** Comparison of the sender's ledger with the sandbox's. */
export interface LedgerComparison {
  readonly accepted: number;
  /** Deliveries with at least one event. */
  readonly created: number;
  /** Accepted, but neither created nor in the queue. */
  readonly lost: readonly string[];
  /** Events beyond one for each sent item, regardless of its delivery ids, and beyond the resent ones. */
  readonly extra: number;
  /** Created, but not accepted: the sender did not receive the 2xx. */
  readonly unacknowledged: number;
}

const EMPTY: QueueContents = { dead: new Set(), pending: new Set() };

/**
 * Compares two ledgers that the pipeline does not write.
 *
 * @param contents deliveries in the queue, read before. Without it, the queue must be drained.
 */
export async function compareLedgers(
  { accepted, deliveryIds }: Pick<SenderLedger, 'accepted' | 'deliveryIds'>,
  sandbox: Pick<RunningSandbox, 'delivered' | 'ledger'>,
  { dead, pending, resent = 0 }: QueueContents = EMPTY,
): Promise<LedgerComparison> {
  const created = await sandbox.delivered();
  const { commits } = await sandbox.ledger();
  const asked = [...created.keys()].filter((id) => accepted.has(id));
  return {
    accepted: accepted.size,
    created: created.size,
    lost: [...accepted].filter((id) => !created.has(id) && !dead.has(id) && !pending.has(id)),
    extra: commits - countDistinct(asked, deliveryIds) - resent,
    unacknowledged: created.size - asked.length,
  };
}

/** Counts the distinct items with these ids. An item that was accepted with two ids counts once. */
function countDistinct(ids: readonly string[], deliveryIds: SenderLedger['deliveryIds']): number {
  const webhooks = new Map<string, unknown>();
  for (const places of deliveryIds.values())
    for (const place of places) for (const id of place) webhooks.set(id, place);
  return new Set(ids.map((id) => webhooks.get(id) ?? id)).size;
}

/**
 * Waits until all accepted deliveries are created. The total number of events is not sufficient: it includes
 * deliveries whose 2xx did not arrive.
 *
 * @throws Error if no event is created for a minute, for example because a delivery was lost
 */
export async function waitUntilCreated(
  { accepted }: Pick<SenderLedger, 'accepted'>,
  sandbox: RunningSandbox,
): Promise<void> {
  for (;;) {
    const created = await sandbox.delivered();
    const missing = [...accepted].filter((id) => !created.has(id)).length;
    if (missing === 0) return;
    await sandbox.waitFor({ distinct: created.size + missing });
  }
}
