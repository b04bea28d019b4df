import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type AcquireCall,
  type BotClient,
  BotClients,
  type BotTarget,
  type CallOptions,
  targetKey,
} from './bot-client.ts';
import { memberOf } from './read-response.ts';
import type { EventQuery, LookupResult } from './results.ts';

/** Finds events that calls without a response may have created. */
export class EventLookup {
  readonly #clients: BotClients;
  readonly #acquireCall: AcquireCall;
  /** One scan per target and event type that has lookups in progress. */
  readonly #scans = new Map<string, SharedScan>();

  constructor(options: CallOptions) {
    this.#clients = new BotClients(options);
    this.#acquireCall = options.acquireCall ?? (async () => {});
  }

  /**
   * Searches the target's events of one type for the event of a delivery, back to the start of its attempt.
   * The first request is made after this method returns. Never rejects.
   */
  findExistingEvent(target: BotTarget, { type, deliveryId, startedAt }: EventQuery): Promise<LookupResult> {
    return new Promise((resolve) => this.#scanOf(target, type).join({ deliveryId, startedAt, resolve }));
  }

  /** Drops all clients so that none keeps a rotated token. Lookups in progress complete. */
  clearClients(): void {
    this.#clients.clear();
  }

  #scanOf(target: BotTarget, type: string): SharedScan {
    const key = JSON.stringify([targetKey(target), type]);
    let scan = this.#scans.get(key);
    if (!scan) {
      const client = this.#clients.get(target);
      const readPage = async (nextToken?: string) => {
        await this.#acquireCall(target);
        return listPage(client, type, nextToken);
      };
      scan = new SharedScan(
        (lookups) => scanEvents(readPage, lookups),
        () => this.#scans.delete(key),
      );
      this.#scans.set(key, scan);
    }
    return scan;
  }
}

/** One lookup that waits for a scan. */
interface PendingLookup extends Omit<EventQuery, 'type'> {
  readonly resolve: (result: LookupResult) => void;
}

/**
 * Serves many lookups in the same list with few scans: after an outage, hundreds of deliveries look up their
 * events at once. One scan runs at a time. A lookup that arrives during a scan joins the next one, because the
 * running scan may have passed the place where its event has appeared since.
 */
class SharedScan {
  readonly #scan: (lookups: readonly PendingLookup[]) => Promise<void>;
  readonly #onIdle: () => void;
  #waiting: PendingLookup[] = [];
  #isScanning = false;

  /**
   * @param scan resolves every lookup and never rejects
   * @param onIdle called when no lookup waits any more
   */
  constructor(scan: (lookups: readonly PendingLookup[]) => Promise<void>, onIdle: () => void) {
    this.#scan = scan;
    this.#onIdle = onIdle;
  }

  /** Adds a lookup to the next scan that starts. */
  join(lookup: PendingLookup): void {
    this.#waiting.push(lookup);
    if (!this.#isScanning) void this.#scanWhileWaiting();
  }

  async #scanWhileWaiting(): Promise<void> {
    this.#isScanning = true;
    while (this.#waiting.length > 0) {
      // Collects the lookups that arrive in the same turn of the event loop.
      await nextTurn();
      const lookups = this.#waiting;
      this.#waiting = [];
      await this.#scan(lookups);
    }
    this.#isScanning = false;
    this.#onIdle();
  }
}

/**
 * Milliseconds that Botpress' clock may lag behind ours: the event of an attempt may carry a creation time
 * before the attempt started. NTP keeps servers within a second; a minute costs at most six more pages, because
 * a bot creates 600 events in it.
 */
const CLOCK_TOLERANCE = 60_000;

/** 6,000 events: ten minutes of a bot at its rate limit. */
const MAX_PAGES = 60;

/**
 * Reads a bot's events of one type, newest first, and resolves each lookup as soon as its result is known. Ends
 * when all lookups are resolved or no page follows. Every lookup gets a result.
 *
 * The scan relies on the documented order of listEvents: the most recent event first. Events created during the
 * scan therefore appear before the ones still to be read. A token that names an event is not affected; a token
 * that counts events makes the next page repeat some events, but never skip one.
 */
async function scanEvents(
  readPage: (nextToken?: string) => Promise<PageResult>,
  lookups: readonly PendingLookup[],
): Promise<void> {
  let open = lookups;
  let nextToken: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await readPage(nextToken);
    if (page.kind !== 'page') return resolveAll(open, page);
    open = open.filter((lookup) => {
      const result = findInPage(page, lookup);
      if (result) lookup.resolve(result);
      return !result;
    });
    nextToken = page.nextToken;
    if (nextToken === undefined) return resolveAll(open, { kind: 'absent' });
    if (open.length === 0) return;
  }
  resolveAll(open, { kind: 'unknown', reason: `not on the newest ${MAX_PAGES} pages, and more follow` });
}

/** Returns undefined if the event may be on a later page. */
function findInPage(
  { events, oldest }: Page,
  { deliveryId, startedAt }: PendingLookup,
): LookupResult | undefined {
  const eventId = events.get(deliveryId);
  if (eventId !== undefined) return { kind: 'found', eventId };
  return oldest !== undefined && oldest < startedAt - CLOCK_TOLERANCE ? { kind: 'absent' } : undefined;
}

function resolveAll(lookups: readonly PendingLookup[], result: LookupResult): void {
  for (const { resolve } of lookups) resolve(result);
}

/** One page of a bot's events of one type. */
interface Page {
  readonly kind: 'page';
  /** Event ids by the `deliveryId` of their payloads. Events without one are not from Sluice. */
  readonly events: ReadonlyMap<string, string>;
  /** Creation time of the last event, in milliseconds since the epoch; undefined on an empty page. */
  readonly oldest?: number;
  /** Undefined on the last page. */
  readonly nextToken?: string;
}

type PageResult = Page | (LookupResult & { kind: 'unknown' | 'refused' });

/** The API's default is 20, and it documents no sizes over 100. A page may contain fewer. */
const PAGE_SIZE = 100;

/**
 * Lists one page of a bot's events of one type, newest first. Never rejects.
 *
 * @param nextToken from the previous page; undefined for the first page
 */
async function listPage(client: BotClient, type: string, nextToken?: string): Promise<PageResult> {
  const result = await client.call<unknown>((api) =>
    api.listEvents({ type, pageSize: PAGE_SIZE, ...(nextToken === undefined ? {} : { nextToken }) }),
  );
  switch (result.kind) {
    case 'answered':
      return readPage(result.body) ?? { kind: 'unknown', reason: 'answered 200 without a list of events' };
    case 'refused': {
      const { refusal } = result;
      // A 5xx is a failure, not a refusal, unless it has a Retry-After.
      if (refusal.status < 500 || refusal.retryAfter !== undefined) return { kind: 'refused', refusal };
      return { kind: 'unknown', reason: `answered ${refusal.status} ${refusal.type}` };
    }
    case 'not_sent':
    case 'ambiguous':
      return { kind: 'unknown', reason: result.reason };
  }
}

/**
 * Reads a response of listEvents. The check is strict: a proxy's page taken for the end of the list would
 * report the event as absent, and it would be sent a second time.
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
