import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { SandboxEvent } from './event.ts';

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
  status: z.enum(['pending', 'scheduled']),
});

/** Writes an event as a line of the journal. */
export function toJournalLine(event: SandboxEvent): string {
  const { payload, ...rest } = event;
  return `{"payload":${payload},${JSON.stringify(rest).slice(1)}`;
}

/**
 * Reads a journal from its beginning, and gives each event to `onEvent`, oldest first.
 *
 * @returns how many lines are not events, such as the half line of a process that was killed
 */
export async function loadJournal(path: string, onEvent: (event: SandboxEvent) => void): Promise<number> {
  if (!existsSync(path)) return 0;
  let unreadable = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (line === '') continue;
    const event = readLine(line);
    if (event) onEvent(event);
    else unreadable++;
  }
  return unreadable;
}

function readLine(line: string): SandboxEvent | undefined {
  try {
    const { payload, ...rest } = journalLine.parse(JSON.parse(line));
    return { ...rest, payload: JSON.stringify(payload) };
  } catch {
    return undefined;
  }
}
