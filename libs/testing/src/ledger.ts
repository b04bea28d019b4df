import type { RunningSandbox } from './start-sandbox.ts';

/** What the sender was told: one entry for each thing it sent, written by nobody else. */
export interface SenderLedger {
  /** Delivery ids of all that got a 2xx, each once. */
  readonly accepted: Set<string>;
  /** Answers by status; 0: no answer at all. */
  readonly answers: Map<number, number>;
}

/** How the sender's ledger and the sandbox's compare. */
export interface LedgerComparison {
  readonly accepted: number;
  readonly created: number;
  /** Accepted, and never created. */
  readonly lost: readonly string[];
  /** Created beyond once. */
  readonly extra: number;
  /** Created without having been accepted: a 2xx that the sender did not hear. */
  readonly unasked: number;
}

/** Compares two ledgers that the pipeline does not write. Ask when nothing is pending any more. */
export async function compareLedgers(
  { accepted }: SenderLedger,
  sandbox: RunningSandbox,
): Promise<LedgerComparison> {
  const created = await sandbox.delivered();
  const { commits, distinct } = await sandbox.ledger();
  return {
    accepted: accepted.size,
    created: created.size,
    lost: [...accepted].filter((id) => !created.has(id)),
    extra: commits - distinct,
    unasked: [...created].filter((id) => !accepted.has(id)).length,
  };
}

/**
 * Waits until all that was accepted is created. A total would not do: what landed without its 2xx being heard
 * counts in it as well.
 *
 * @throws an Error when for a minute nothing more is created, as when something was lost
 */
export async function waitUntilCreated({ accepted }: SenderLedger, sandbox: RunningSandbox): Promise<void> {
  for (;;) {
    const created = await sandbox.delivered();
    const missing = [...accepted].filter((id) => !created.has(id)).length;
    if (missing === 0) return;
    await sandbox.waitFor({ distinct: created.size + missing });
  }
}
