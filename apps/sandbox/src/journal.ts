import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

/** The file of commits, one JSON line each. */
export interface Journal {
  /** Takes a line without its end; it is written soon, not now. */
  append(line: string): void;
  /** Empties the file; lines appended afterwards stay. */
  clear(): Promise<void>;
  /** Writes what is left and closes the file; lines appended afterwards are dropped. */
  close(): Promise<void>;
}

/** Where the journal of a data folder is. */
export function journalPath(folder: string): string {
  return join(folder, 'events.ndjson');
}

/**
 * Opens the journal of a data folder, making both if need be; rejects when it cannot.
 *
 * @param onError told once if writing fails later on; from then on nothing more is written
 */
export async function openJournal(folder: string, onError: (error: Error) => void): Promise<Journal> {
  await mkdir(folder, { recursive: true });
  const file = await open(journalPath(folder), 'a+');
  let waiting: string[] = [];
  let emptyFirst = false;
  let ended = false;
  let writing: Promise<void> | undefined;
  if (await endsAmidLine(file)) await file.appendFile('\n');

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

/** A process that was killed may leave half a line, which the next one must not be glued to. */
async function endsAmidLine(file: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== 0x0a;
}
