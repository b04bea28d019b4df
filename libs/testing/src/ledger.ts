import type { RunningSandbox } from './start-sandbox.ts';

/** What the sender was deliveryIds: one entry for each webhook it sent, written by nobody else. */
export interface SenderLedger {
  /** Delivery ids of all that got a 2xx, each once. */
  readonly accepted: Set<string>;
  /** Of each request, by its deliveries' places in it: the ids that its 2xx answers deliveryIds, one if all is well. */
  readonly deliveryIds: Map<object, Set<string>[]>;
  /** Answers by status; 0: no answer at all. */
  readonly responses: Map<number, number>;
}

/** A ledger in which nothing is written yet. */
export function openSenderLedger(): SenderLedger {
  return { accepted: new Set(), deliveryIds: new Map(), responses: new Map() };
}

/** What is left in the queue, by delivery id. */
export interface QueueContents {
  readonly dead: ReadonlySet<string>;
  /** Waiting, in flight, delayed, paced, held. */
  readonly pending: ReadonlySet<string>;
}

/** How the sender's ledger and the sandbox's compare. */
export interface LedgerComparison {
  readonly accepted: number;
  /** Deliveries that have an event, or several. */
  readonly created: number;
  /** Accepted, and neither created nor in the queue. */
  readonly lost: readonly string[];
  /** Events beyond one for each webhook that was sent, whatever ids it was given. */
  readonly extra: number;
  /** Created without having been accepted: a 2xx that the sender did not hear. */
  readonly unacknowledged: number;
}

const EMPTY: QueueContents = { dead: new Set(), pending: new Set() };

/**
 * Compares two ledgers that the pipeline does not write.
 *
 * @param left what is left in the queue, read before; without it, ask when nothing is pending any more
 */
export async function compareLedgers(
  { accepted, deliveryIds }: Pick<SenderLedger, 'accepted' | 'deliveryIds'>,
  sandbox: Pick<RunningSandbox, 'delivered' | 'ledger'>,
  left: QueueContents = EMPTY,
): Promise<LedgerComparison> {
  const created = await sandbox.delivered();
  const { commits } = await sandbox.ledger();
  const asked = [...created.keys()].filter((id) => accepted.has(id));
  return {
    accepted: accepted.size,
    created: created.size,
    lost: [...accepted].filter((id) => !created.has(id) && !left.dead.has(id) && !left.pending.has(id)),
    extra: commits - countDistinct(asked, deliveryIds),
    unacknowledged: created.size - asked.length,
  };
}

/** How many different webhooks these ids stand for: what was accepted under two ids is one. */
function countDistinct(ids: readonly string[], deliveryIds: SenderLedger['deliveryIds']): number {
  const webhooks = new Map<string, unknown>();
  for (const places of deliveryIds.values())
    for (const place of places) for (const id of place) webhooks.set(id, place);
  return new Set(ids.map((id) => webhooks.get(id) ?? id)).size;
}

/**
 * Waits until all that was accepted is created. A total would not do: what landed without its 2xx being heard
 * counts in it as well.
 *
 * @throws an Error when for a minute nothing more is created, as when something was lost
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
