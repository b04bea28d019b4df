import type { BotClient } from './bot-client.ts';
import type { FindResult } from './find-result.ts';

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

export type PageResult = Page | (FindResult & { kind: 'unknown' | 'refused' });

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
