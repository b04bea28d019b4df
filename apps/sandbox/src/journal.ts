import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { statusPlanFields } from './event-status.ts';
import type { SandboxEvent } from './event-store.ts';

/** A file of JSON lines in the data folder. */
export interface Journal {
  /** Queues a line (without newline) for writing. */
  append(line: string): void;
  /** Empties the file. Keeps lines appended afterwards. */
  clear(): Promise<void>;
  /** Writes the queued lines and closes the file. Drops lines appended afterwards. */
  close(): Promise<void>;
}

/**
 * Opens a journal and creates it and its folder if necessary. Rejects if it cannot.
 *
 * @param onError called once if a later write fails; nothing is written after that
 */
export async function openJournal(path: string, onError: (error: Error) => void): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a+');
  let waiting: string[] = [];
  let emptyFirst = false;
  let ended = false;
  let writing: Promise<void> | undefined;
  if (await endsMidLine(file)) await file.appendFile('\n');

  async function writeAll(): Promise<void> {
    try {
      while (emptyFirst || waiting.length > 0) {
        if (emptyFirst) {
          emptyFirst = false;
          await file.truncate(0);
          continue;
        }
        const lines = waiting;
        waiting = [];
        await file.appendFile(`${lines.join('\n')}\n`);
      }
    } catch (error) {
      ended = true;
      waiting = [];
      onError(error as Error);
    } finally {
      writing = undefined;
    }
  }

  return {
    append(line) {
      if (ended) return;
      waiting.push(line);
      writing ??= writeAll();
    },
    async clear() {
      waiting = [];
      emptyFirst = true;
      writing ??= writeAll();
      await writing;
    },
    async close() {
      ended = true;
      await writing;
      await file.close();
    },
  };
}

/** A killed process may leave an incomplete line. The next line must not continue it. */
async function endsMidLine(file: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 0x0a;
}

const text = z.string().optional();

const journalLine = z.object({
  id: z.string(),
  createdAt: z.string(),
  botId: z.string(),
  integrationId: text,
  integrationAlias: text,
  type: z.string(),
  payload: z.record(z.string(), z.unknown()),
  deliveryId: text,
  conversationId: text,
  userId: text,
  messageId: text,
  workflowId: text,
  ...statusPlanFields,
});

/** Returns the journal line of an event. */
export function toJournalLine(event: SandboxEvent): string {
  const { payload, ...rest } = event;
  return `{"payload":${payload},${JSON.stringify(rest).slice(1)}`;
}

/** Reads an event from its journal line. Throws if it is not one. */
export function parseJournalLine(line: string): SandboxEvent {
  const { payload, ...rest } = journalLine.parse(JSON.parse(line));
  return { ...rest, payload: JSON.stringify(payload) };
}

/**
 * Reads a journal and passes each entry to `onEntry`, oldest first.
 *
 * @param parse reads an entry from its line and throws if it is not one
 * @returns number of skipped lines, such as an incomplete line of a killed process
 */
export async function loadJournal<Entry>(
  path: string,
  parse: (line: string) => Entry,
  onEntry: (entry: Entry) => void,
): Promise<number> {
  if (!existsSync(path)) return 0;
  let unreadable = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (line === '') continue;
    try {
      onEntry(parse(line));
    } catch {
      unreadable++;
    }
  }
  return unreadable;
}
