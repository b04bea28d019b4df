import type { BotClient } from './bot-client.ts';
import type { EventQuery, LookupResult } from './results.ts';

/** Who waits for what a walk finds. */
export interface LookupRequest extends Omit<EventQuery, 'type'> {
  readonly settle: (result: LookupResult) => void;
}

/**
 * Milliseconds that Botpress' clock may be behind ours: an event of an attempt may say that it was created
 * before the attempt began. Servers that keep time by NTP differ by less than a second; a minute costs at most
 * six more pages, for a bot makes 600 events in it.
 */
const CLOCK_DIFFERENCE = 60_000;

/** 6,000 events, which a bot needs ten minutes for at its limit. */
const MAX_PAGES = 60;

/**
 * Walks through a bot's events of one type, newest first, and tells each seeker what has become of its event
 * as soon as it is known. It ends when all know, or no page follows. Every request gets a result.
 *
 * It relies on the order that Botpress documents: the most recent first. Then events that are created while it
 * walks stand before those that it has yet to see. A token that names an event is not moved by them; one that
 * counts events is, but so that the next page repeats what was seen and never leaves anything out.
 */
export async function scanEvents(
  readPage: (nextToken?: string) => Promise<PageResult>,
  seekers: readonly LookupRequest[],
): Promise<void> {
  let left = seekers;
  let nextToken: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await readPage(nextToken);
    if (page.kind !== 'page') return settleAll(left, page);
    left = left.filter((seeker) => {
      const result = lookAt(page.events, page.oldest, seeker);
      if (result) seeker.settle(result);
      return !result;
    });
    nextToken = page.nextToken;
    if (nextToken === undefined) return settleAll(left, { kind: 'absent' });
    if (left.length === 0) return;
  }
  settleAll(left, { kind: 'unknown', why: `not on the newest ${MAX_PAGES} pages, and more follow` });
}

/** Returns undefined if it may still be on a later page. */
function lookAt(
  events: ReadonlyMap<string, string>,
  oldest: number | undefined,
  { deliveryId, startedAt }: LookupRequest,
): LookupResult | undefined {
  const eventId = events.get(deliveryId);
  if (eventId !== undefined) return { kind: 'found', eventId };
  return oldest !== undefined && oldest < startedAt - CLOCK_DIFFERENCE ? { kind: 'absent' } : undefined;
}

function settleAll(seekers: readonly LookupRequest[], result: LookupResult): void {
  for (const { settle } of seekers) settle(result);
}

/** Some of a bot's events of one type. */
export interface Page {
  readonly kind: 'page';
  /** Ids of events, by the `deliveryId` of their payloads; events without one are not ours. */
  readonly events: ReadonlyMap<string, string>;
  /** When its last event was created, in milliseconds since the epoch; undefined if it has none. */
  readonly oldest?: number;
  /** Undefined if no page follows. */
  readonly nextToken?: string;
}

export type PageResult = Page | (LookupResult & { kind: 'unknown' | 'refused' });

/** The default is 20; more than 100 nobody promises. A page may well have fewer. */
const PAGE_SIZE = 100;

/**
 * Lists one page of a bot's events of one type, newest first. Never rejects.
 *
 * @param nextToken of the page before; undefined for the first
 */
export async function listPage(client: BotClient, type: string, nextToken?: string): Promise<PageResult> {
  const result = await client.call<unknown>((api) =>
    api.listEvents({ type, pageSize: PAGE_SIZE, ...(nextToken === undefined ? {} : { nextToken }) }),
  );
  switch (result.kind) {
    case 'answered':
      return readPage(result.body) ?? { kind: 'unknown', why: 'answered 200, but not as Botpress does' };
    case 'refused': {
      const { refusal } = result;
      // A 5xx is a failure and no refusal, unless it says when to come back.
      if (refusal.status < 500 || refusal.retryAfter !== undefined) return { kind: 'refused', refusal };
      return { kind: 'unknown', why: `answered ${refusal.status} ${refusal.type}` };
    }
    case 'not_sent':
    case 'ambiguous':
      return { kind: 'unknown', why: result.why };
  }
}

/**
 * Reads an answer of listEvents. Strictly: to take a proxy's page for the end of the list would be to say that
 * an event is not there, and to send it again.
 */
function readPage(body: unknown): Page | undefined {
  const events = memberOf(body, 'events');
  const meta = memberOf(body, 'meta');
  if (!Array.isArray(events) || typeof meta !== 'object' || meta === null) return undefined;
  const nextToken = memberOf(meta, 'nextToken') ?? '';
  if (typeof nextToken !== 'string') return undefined;

  const byDelivery = new Map<string, string>();
  let oldest: number | undefined;
  for (const event of events) {
    const id = memberOf(event, 'id');
    const createdAt = memberOf(event, 'createdAt');
    oldest = typeof createdAt === 'string' ? Date.parse(createdAt) : Number.NaN;
    if (typeof id !== 'string' || id === '' || Number.isNaN(oldest)) return undefined;
    const deliveryId = memberOf(memberOf(event, 'payload'), 'deliveryId');
    if (typeof deliveryId === 'string') byDelivery.set(deliveryId, id);
  }
  return {
    kind: 'page',
    events: byDelivery,
    ...(oldest === undefined ? {} : { oldest }),
    ...(nextToken === '' ? {} : { nextToken }),
  };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
