import { join } from 'node:path';
import { type Bots, createBots } from './bots.ts';
import { type CallLog, createCallLog } from './call-log.ts';
import { type ChatRecords, createChatRecords, parseRecordLine } from './chat-records.ts';
import { type Clock, createNewId, type NewId, type Random } from './clock-and-ids.ts';
import {
  createEventRegistry,
  DEMO_INTEGRATION_ID,
  demoEvents,
  type EventRegistry,
} from './event-registry.ts';
import { createStatusRules, type StatusRules } from './event-status.ts';
import { createEventStore, type EventStore, type SandboxEvent } from './event-store.ts';
import { createFaults, type Faults } from './faults.ts';
import { type Journal, loadJournal, openJournal, parseJournalLine, toJournalLine } from './journal.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { createModes, type Modes, type ModeValues } from './modes.ts';
import { createRateLimits, type RateLimits } from './rate-limits.ts';
import { createWaits, type Waits } from './waits.ts';

/** Size of the call log. An entry takes about 150 bytes, so at most 30 MB. */
const MAX_CALLS = 200_000;

export interface SandboxOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Number of events kept with their payloads. */
  readonly keep: number;
  /** Modes that differ from their defaults. */
  readonly modes?: Partial<ModeValues> | undefined;
  /** Folder of the journals; undefined keeps events and records in memory only. */
  readonly dataFolder: string | undefined;
  /** Called with warnings for the terminal. */
  warn(message: string): void;
}

/** The state of a sandbox. */
export interface Sandbox {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly bots: Bots;
  readonly rateLimits: RateLimits;
  readonly registry: EventRegistry;
  readonly faults: Faults;
  readonly modes: Modes;
  readonly statusRules: StatusRules;
  readonly records: ChatRecords;
  readonly store: EventStore;
  readonly ledger: Ledger;
  readonly calls: CallLog;
  readonly waits: Waits;
  /** Stores, counts and journals an event, and notifies waits. */
  commit(event: SandboxEvent): void;
  /** Clears events, ledger, calls and their journal. Keeps everything else. */
  clearEvents(): Promise<void>;
  /** Writes and closes the journals. */
  close(): Promise<void>;
}

/** Creates a sandbox with the events and records of its data folder. Rejects if the folder cannot be read. */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, dataFolder, warn } = options;
  const modes = createModes(options.modes);
  const newId = createNewId(clock, options.random, () => modes.get('idLength'));
  const registry = createEventRegistry();
  registry.put({ integrationId: DEMO_INTEGRATION_ID }, demoEvents());
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
  const journals = createJournals(dataFolder, warn);
  const journal = await journals.open('events.ndjson', parseJournalLine, storeEvent);
  const records = createChatRecords({
    ...{ clock, newId },
    onAdd: (record) => recordJournal?.append(JSON.stringify(record)),
    onRemove(left) {
      void recordJournal?.clear();
      for (const record of left) recordJournal?.append(JSON.stringify(record));
    },
  });
  const recordJournal = await journals.open('chat-records.ndjson', parseRecordLine, records.restore);

  return {
    ...{ clock, newId, modes, registry, records, store, ledger, calls, waits },
    bots: createBots(),
    rateLimits: createRateLimits(modes),
    faults: createFaults(newId),
    statusRules: createStatusRules(newId, () => modes.get('statusDelayMs')),
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
    close: () => journals.close(),
  };
}

/** Opens the journals of a data folder. Without a folder there are none. */
function createJournals(folder: string | undefined, warn: (message: string) => void) {
  const opened: Journal[] = [];
  return {
    async open<Entry>(
      file: string,
      parse: (line: string) => Entry,
      onEntry: (entry: Entry) => void,
    ): Promise<Journal | undefined> {
      if (folder === undefined) return undefined;
      const path = join(folder, file);
      const unreadable = await loadJournal(path, parse, onEntry);
      if (unreadable > 0) warn(`${path}: skipped ${unreadable} unreadable lines`);
      const journal = await openJournal(path, (error) =>
        warn(`${path}: ${error.message}. New entries are kept in memory only.`),
      );
      opened.push(journal);
      return journal;
    },
    close: async () => void (await Promise.all(opened.map((journal) => journal.close()))),
  };
}
