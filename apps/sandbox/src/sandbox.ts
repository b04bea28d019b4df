import { type Bots, createBots } from './bots.ts';
import { type CallLog, createCallLog } from './call-log.ts';
import type { Clock } from './clock.ts';
import { DEMO_INTEGRATION_ID, demoEventSchemas } from './demo-integration.ts';
import type { SandboxEvent } from './event.ts';
import { createEventRegistry, type EventRegistry } from './event-schemas.ts';
import { createEventStore, type EventStore } from './event-store.ts';
import { createFaults, type Faults } from './faults.ts';
import { journalPath, openJournal } from './journal.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { loadJournal, toJournalLine } from './load-journal.ts';
import { createNewId, type NewId } from './new-id.ts';
import type { Random } from './random.ts';
import { createWaits, type Waits } from './waits.ts';

/** Entries are about 150 bytes, so this is 30 MB at most. */
const KEPT_CALLS = 200_000;

export interface SandboxOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** How many events are kept with their payloads. */
  readonly keep: number;
  /** Each bot's limit, null for none. */
  readonly eventsPerMinute: number | null;
  /** Where commits outlive the process; undefined: nowhere. */
  readonly dataFolder: string | undefined;
  /** Told what the person at the terminal should know. */
  warn(message: string): void;
}

/** Everything that the sandbox knows. */
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
  /** Makes an event exist: stored, counted, journalled, and told to those who wait. */
  commit(event: SandboxEvent): void;
  /** Forgets events, counters, calls and journal; bots, faults and definitions stay. */
  forgetEvents(): Promise<void>;
  /** Writes out the journal. */
  close(): Promise<void>;
}

/** Builds a sandbox, with the events of its data folder if it has one. Rejects when that cannot be read. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, dataFolder, warn } = options;
  const newId = createNewId(clock, options.random);
  const registry = createEventRegistry();
  registry.put(DEMO_INTEGRATION_ID, demoEventSchemas());
  const store = createEventStore(options.keep);
  const ledger = createLedger();
  const calls = createCallLog(KEPT_CALLS);
  const waits = createWaits(clock, () => ({
    commits: ledger.commits,
    distinct: ledger.distinct,
    calls: calls.total,
  }));
  const keepInMemory = (event: SandboxEvent) => {
    store.add(event);
    ledger.count(event);
  };
  const journal = await restore(dataFolder, keepInMemory, warn);

  return {
    ...{ clock, newId, registry, store, ledger, calls, waits },
    bots: createBots(options.eventsPerMinute),
    faults: createFaults(newId),
    commit(event) {
      keepInMemory(event);
      journal?.append(toJournalLine(event));
      waits.notify();
    },
    async forgetEvents() {
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
  return openJournal(folder, (error) => warn(`${path}: ${error.message}; new events are in memory only`));
}
