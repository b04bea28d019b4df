import { z } from 'zod';
import { isVisible, presentEvent, type SandboxEvent, seenType } from './event.ts';
import type { EventStore } from './event-store.ts';
import type { Caller } from './identity.ts';

const DEFAULT_PAGE_SIZE = 20;
const MAX_PAGE_SIZE = 100;

const id = z.string().optional();

/** listEvents' query; a page larger than 100 is given as 100. */
export const listQuery = z.object({
  nextToken: z
    .string()
    .transform(readToken)
    .refine((sequence) => sequence !== undefined, 'is not a token of this API')
    .optional(),
  pageSize: z.coerce.number().int().min(1).default(DEFAULT_PAGE_SIZE),
  type: id,
  conversationId: id,
  userId: id,
  messageId: id,
  workflowId: id,
  status: z.enum(['pending', 'ignored', 'processed', 'failed', 'scheduled']).optional(),
});

type ListQuery = z.output<typeof listQuery>;

/** Lists the caller's events, newest first, as the JSON text of listEvents' answer. */
export function listEvents(store: EventStore, caller: Caller, query: ListQuery): string {
  const pageSize = Math.min(query.pageSize, MAX_PAGE_SIZE);
  const page: string[] = [];
  let lastSequence = 0;
  for (const { sequence, event } of store.newestFirst(query.nextToken)) {
    if (!isVisible(event, caller) || !isWanted(event, caller, query)) continue;
    // One more than fits proves that there is a next page.
    if (page.length === pageSize) return toJson(page, writeToken(lastSequence));
    page.push(presentEvent(event, caller));
    lastSequence = sequence;
  }
  return toJson(page);
}

function isWanted(event: SandboxEvent, caller: Caller, query: ListQuery): boolean {
  return (
    (query.type === undefined || query.type === seenType(event, caller)) &&
    (query.status === undefined || query.status === event.status) &&
    (query.conversationId === undefined || query.conversationId === event.conversationId) &&
    (query.userId === undefined || query.userId === event.userId) &&
    (query.messageId === undefined || query.messageId === event.messageId) &&
    (query.workflowId === undefined || query.workflowId === event.workflowId)
  );
}

function toJson(page: readonly string[], nextToken?: string): string {
  return `{"events":[${page.join(',')}],"meta":${JSON.stringify({ nextToken })}}`;
}

/** A token names the last event of its page, so that events created meanwhile do not shift the next one. */
function writeToken(sequence: number): string {
  return Buffer.from(`before:${sequence}`).toString('base64url');
}

function readToken(token: string): number | undefined {
  const sequence = /^before:(\d{1,15})$/.exec(Buffer.from(token, 'base64url').toString('utf8'))?.[1];
  return sequence === undefined ? undefined : Number(sequence);
}
