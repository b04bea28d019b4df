import type { SandboxEvent } from './event-store.ts';

/** Exact counts of created events since the start or the last reset. */
export interface LedgerReport {
  readonly commits: number;
  /** Number of different deliveryIds. */
  readonly distinct: number;
  /** Commits without a deliveryId in the payload. */
  readonly withoutDeliveryId: number;
  readonly doubledCount: number;
  /** deliveryId → number of events, for deliveryIds with more than one event. */
  readonly doubled: Readonly<Record<string, number>>;
  /** Bot → type → commits. */
  readonly bots: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Counts all commits, including those whose payloads are no longer kept. */
export interface Ledger {
  readonly commits: number;
  readonly distinct: number;
  count(event: SandboxEvent): void;
  report(): LedgerReport;
  /** Returns deliveryId → count for all deliveries, in order of their first commit. */
  deliveries(): Iterable<readonly [string, number]>;
  clear(): void;
}

/** Creates an empty ledger. */
export function createLedger(): Ledger {
  const counts = new Map<string, number>();
  const doubled = new Map<string, number>();
  const bots = new Map<string, Map<string, number>>();
  let commits = 0;
  let withoutDeliveryId = 0;

  function countDelivery(deliveryId: string): void {
    const count = (counts.get(deliveryId) ?? 0) + 1;
    counts.set(deliveryId, count);
    if (count > 1) doubled.set(deliveryId, count);
  }

  return {
    get commits() {
      return commits;
    },
    get distinct() {
      return counts.size;
    },
    count({ botId, type, deliveryId }) {
      commits++;
      if (deliveryId === undefined) withoutDeliveryId++;
      else countDelivery(deliveryId);
      const types = bots.get(botId) ?? new Map<string, number>();
      if (types.size === 0) bots.set(botId, types);
      types.set(type, (types.get(type) ?? 0) + 1);
    },
    report: () => ({
      commits,
      distinct: counts.size,
      withoutDeliveryId,
      doubledCount: doubled.size,
      doubled: Object.fromEntries(doubled),
      bots: Object.fromEntries([...bots].map(([botId, types]) => [botId, Object.fromEntries(types)])),
    }),
    deliveries: () => counts,
    clear() {
      counts.clear();
      doubled.clear();
      bots.clear();
      commits = 0;
      withoutDeliveryId = 0;
    },
  };
}
