import { type Bots, createBots } from './bots.ts';
import { type CallLog, createCallLog } from './call-log.ts';
import { type Clock, createNewId, type NewId, type Random } from './clock-and-ids.ts';
import {
  createEventRegistry,
  DEMO_INTEGRATION_ID,
  demoEventSchemas,
  type EventRegistry,
} from './event-registry.ts';
import { createEventStore, type EventStore, type SandboxEvent } from './event-store.ts';
import { createFaults, type Faults } from './faults.ts';
import { journalPath, loadJournal, openJournal, toJournalLine } from './journal.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createWaits, type Waits } from './waits.ts';

/** Size of the call log. An entry takes about 150 bytes, so at most 30 MB. */
const MAX_CALLS = 200_000;

export interface SandboxOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Number of events kept with their payloads. */
  readonly keep: number;
  /** Rate limit of each bot; null means unlimited. */
  readonly eventsPerMinute: number | null;
  /** Folder of the journal; undefined keeps commits in memory only. */
  readonly dataFolder: string | undefined;
  /** Called with warnings for the terminal. */
  warn(message: string): void;
}

/** The state of a sandbox. */
export interface Sandbox {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly bots: Bots;
  readonly registry: EventRegistry;
  readonly faults: Faults;
  readonly store: EventStore;
  readonly ledger: Ledger;
  readonly calls: CallLog;
  readonly waits: Waits;
  /** Stores, counts and journals an event, and notifies waits. */
  commit(event: SandboxEvent): void;
  /** Clears events, ledger, calls and journal. Keeps bots, faults and event definitions. */
  clearEvents(): Promise<void>;
  /** Writes and closes the journal. */
  close(): Promise<void>;
}

/** Creates a sandbox with the events of its data folder. Rejects if the folder cannot be read. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, dataFolder, warn } = options;
  const newId = createNewId(clock, options.random);
  const registry = createEventRegistry();
  registry.put(DEMO_INTEGRATION_ID, demoEventSchemas());
  const store = createEventStore(options.keep);
  const ledger = createLedger();
  const calls = createCallLog(MAX_CALLS);
  const waits = createWaits(clock, () => ({
    commits: ledger.commits,
    distinct: ledger.distinct,
    calls: calls.total,
  }));
  const storeEvent = (event: SandboxEvent) => {
    store.add(event);
    ledger.count(event);
  };
  const journal = await restore(dataFolder, storeEvent, warn);

  return {
    ...{ clock, newId, registry, store, ledger, calls, waits },
    bots: createBots(options.eventsPerMinute),
    faults: createFaults(newId),
    commit(event) {
      storeEvent(event);
      journal?.append(toJournalLine(event));
      waits.notify();
    },
    async clearEvents() {
      store.clear();
      ledger.clear();
      calls.clear();
      await journal?.clear();
    },
    close: async () => journal?.close(),
  };
}

async function restore(
  folder: string | undefined,
  onEvent: (event: SandboxEvent) => void,
  warn: (message: string) => void,
) {
  if (folder === undefined) return undefined;
  const path = journalPath(folder);
  const unreadable = await loadJournal(path, onEvent);
  if (unreadable > 0) warn(`${path}: skipped ${unreadable} lines that are not events`);
  return openJournal(folder, (error) =>
    warn(`${path}: ${error.message}. New events are kept in memory only.`),
  );
}
