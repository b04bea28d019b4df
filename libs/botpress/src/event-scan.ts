import { type ApiFacts, typeFormOf } from './api-facts.ts';
import type { BotClient } from './bot-client.ts';
import { memberOf } from './read-response.ts';
import type { EventQuery, LookupResult } from './results.ts';

/** One lookup that waits for a scan. */
export interface PendingLookup
  extends Pick<EventQuery, 'deliveryId' | 'startedAt' | 'except' | 'mustBeListed'> {
  readonly resolve: (result: LookupResult) => void;
}

/** What is scanned: the events of one type of a target. */
export interface ScanOptions {
  readonly client: BotClient;
  /** The type as sent. */
  readonly type: string;
  /** What a probe of the API showed; `undefined` without a probe. */
  readonly facts: ApiFacts | undefined;
  /** Waits until the limits of the target's workspace allow another call. Never rejects. */
  readonly acquireCall: () => Promise<void>;
}

/**
 * Reads a bot's events, newest first, and resolves each lookup as soon as its result is known. Every lookup gets a result.
 *
 * `absent` permits a second createEvent, so it has to hold for every documented reading of the API. Botpress may expect a
 * type as sent or with the integration's name before it. A list by type that contains no event of the type may therefore
 * mean that the type has another form. Without the facts of a probe, such an empty list is confirmed by the list of all
 * events, in which the delivery id alone identifies the event.
 */
export async function scanEvents(options: ScanOptions, lookups: readonly PendingLookup[]): Promise<void> {
  const { facts } = options;
  let open = lookups;
  if (!facts || facts.isFoundByType) {
    const pass = await readBack(options, 'by type', open);
    if (facts || pass.sawType) return resolveNotListed(pass);
    open = pass.notListed;
  }
  if (open.length === 0) return;
  if (facts && !facts.isFoundInAll) {
    return resolveAll(open, {
      kind: 'unknown',
      reason: 'the probe of the API did not find its event in any list',
    });
  }
  const pass = await readBack(options, 'all', open);
  resolveNotListed(pass);
}

interface Pass {
  /** Lookups whose event is not in the list, which was read back to the start of their attempts. */
  readonly notListed: readonly PendingLookup[];
  /** Whether the list contained an event of the type, in either form. */
  readonly sawType: boolean;
  /** Ids of all events in the part of the list that was read. */
  readonly seen: ReadonlySet<string>;
}

/** Resolves lookups whose event is not in a list. It is absent if the list contains every event that it must contain. */
function resolveNotListed({ notListed, seen }: Pass): void {
  for (const { mustBeListed, resolve } of notListed) {
    resolve(mustBeListed === undefined || seen.has(mustBeListed) ? { kind: 'absent' } : LIST_BEHIND);
  }
}

/**
 * Milliseconds that Botpress' clock may lag behind ours: the event of an attempt may carry a creation time
 * before the attempt started. NTP keeps servers within a second; a minute costs at most six more pages, because
 * a bot creates 600 events in it.
 */
const CLOCK_TOLERANCE = 60_000;

/** Ten minutes of a bot at its rate limit. */
const MAX_EVENTS = 6_000;

/** Pages of 20 events, the default of the API if it ignores `pageSize`. */
const MAX_PAGES = MAX_EVENTS / 20;

/**
 * Reads a list until every lookup is found or known not to be listed. Resolves the lookups that are found, and all others
 * if the list cannot be read.
 *
 * The scan relies on the documented order of listEvents: the most recent event first. Events created during the
 * scan therefore appear before the ones still to be read. A token that names an event is not affected; a token
 * that counts events makes the next page repeat some events, but never skip one.
 */
async function readBack(
  options: ScanOptions,
  list: 'by type' | 'all',
  lookups: readonly PendingLookup[],
): Promise<Pass> {
  const notListed: PendingLookup[] = [];
  let open = lookups;
  const seen = new Set<string>();
  let sawType = false;
  let read = 0;
  let nextToken: string | undefined;
  let oldest = Number.POSITIVE_INFINITY;
  for (let pages = 0; pages < MAX_PAGES && read < MAX_EVENTS; pages++) {
    let page = await listPage(options, list, nextToken);
    if (page.kind === 'page' && page.oldest !== undefined && page.oldest > oldest + CLOCK_TOLERANCE)
      page = NOT_NEWEST_FIRST;
    if (page.kind !== 'page') {
      resolveAll(open, page);
      return { notListed, sawType, seen };
    }
    oldest = page.oldest ?? oldest;
    read += page.ids.length;
    sawType ||= page.sawType;
    for (const id of page.ids) seen.add(id);
    open = open.filter((lookup) => {
      const eventId = page.events.get(lookup.deliveryId);
      const isFound = eventId !== undefined && !lookup.except?.includes(eventId);
      if (isFound) lookup.resolve({ kind: 'found', eventId });
      else if (oldest < lookup.startedAt - CLOCK_TOLERANCE) notListed.push(lookup);
      else return true;
      return false;
    });
    nextToken = page.nextToken;
    if (nextToken === undefined) return { notListed: [...notListed, ...open], sawType, seen };
    if (open.length === 0) return { notListed, sawType, seen };
  }
  resolveAll(open, { kind: 'unknown', reason: `not among the newest ${read} events, and more follow` });
  return { notListed, sawType, seen };
}

function resolveAll(lookups: readonly PendingLookup[], result: LookupResult): void {
  for (const { resolve } of lookups) resolve(result);
}

/** One page of a bot's events. */
interface Page {
  readonly kind: 'page';
  readonly ids: readonly string[];
  /** Event ids by the `deliveryId` of their payloads. Events without one are not from Sluice. */
  readonly events: ReadonlyMap<string, string>;
  readonly sawType: boolean;
  /** Creation time of the last event, in milliseconds since the epoch; undefined on an empty page. */
  readonly oldest?: number;
  /** Undefined on the last page. */
  readonly nextToken?: string;
}

type PageResult = Page | UnreadPage;
type UnreadPage = LookupResult & { kind: 'unknown' | 'refused' };

const NO_LIST: UnreadPage = { kind: 'unknown', reason: 'answered 200 without a list of events' };
const NOT_NEWEST_FIRST: UnreadPage = { kind: 'unknown', reason: 'events are not listed newest first' };
const LIST_BEHIND: UnreadPage = {
  kind: 'unknown',
  reason: 'the list of events is behind: it lacks an event that was created earlier',
};
const OTHER_FORM: UnreadPage = {
  kind: 'unknown',
  reason: 'the type is listed in another form than probed; repeat sluice connections check --probe',
};

/** The API's default is 20, and it documents no sizes over 100. A page may contain fewer. */
const PAGE_SIZE = 100;

/** Lists one page, newest first. Never rejects. */
async function listPage(
  { client, type, facts, acquireCall }: ScanOptions,
  list: 'by type' | 'all',
  nextToken?: string,
): Promise<PageResult> {
  await acquireCall();
  const result = await client.call<unknown>((api) =>
    api.listEvents({
      ...(list === 'all' ? {} : { type }),
      ...(facts?.pageSize === 'rejected' ? {} : { pageSize: PAGE_SIZE }),
      ...(nextToken === undefined ? {} : { nextToken }),
    }),
  );
  switch (result.kind) {
    case 'answered':
      return readPage(result.body, type, facts);
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
function readPage(body: unknown, type: string, facts: ApiFacts | undefined): PageResult {
  const events = memberOf(body, 'events');
  const meta = memberOf(body, 'meta');
  if (!Array.isArray(events) || typeof meta !== 'object' || meta === null) return NO_LIST;
  const nextToken = memberOf(meta, 'nextToken') ?? '';
  if (typeof nextToken !== 'string') return NO_LIST;

  const ids: string[] = [];
  const byDelivery = new Map<string, string>();
  let sawType = false;
  let oldest: number | undefined;
  for (const entry of events) {
    const event = readEvent(entry);
    if (!event) return NO_LIST;
    const problem = problemOf(event, { type, facts, oldest });
    if (problem) return problem;
    ids.push(event.id);
    oldest = event.createdAt;
    sawType ||= typeFormOf(event.type, type) !== 'other';
    const deliveryId = memberOf(event.payload, 'deliveryId');
    // The newest event of a delivery counts.
    if (typeof deliveryId === 'string' && !byDelivery.has(deliveryId)) byDelivery.set(deliveryId, event.id);
  }
  return {
    kind: 'page',
    ids,
    events: byDelivery,
    sawType,
    ...(oldest === undefined ? {} : { oldest }),
    ...(nextToken === '' ? {} : { nextToken }),
  };
}

/** Returns why an event of a list makes the list useless for a lookup. */
function problemOf(
  event: ListedEvent,
  { type, facts, oldest }: Pick<ScanOptions, 'type' | 'facts'> & { readonly oldest: number | undefined },
): UnreadPage | undefined {
  if (oldest !== undefined && event.createdAt > oldest + CLOCK_TOLERANCE) return NOT_NEWEST_FIRST;
  const form = typeFormOf(event.type, type);
  if (form === 'other') return undefined;
  // Without the payload no event can be identified, and every event would be absent.
  if (typeof event.payload !== 'object' || event.payload === null) return NO_LIST;
  return facts && form !== facts.typeForm ? OTHER_FORM : undefined;
}

interface ListedEvent {
  readonly id: string;
  readonly type: string;
  readonly createdAt: number;
  readonly payload: unknown;
}

/** Reads an event of a list. Returns `undefined` if it does not have the documented fields. */
export function readEvent(event: unknown): ListedEvent | undefined {
  const [id, type, created, payload] = ['id', 'type', 'createdAt', 'payload'].map((name) =>
    memberOf(event, name),
  );
  const createdAt = typeof created === 'string' ? Date.parse(created) : Number.NaN;
  if (typeof id !== 'string' || id === '' || typeof type !== 'string' || Number.isNaN(createdAt))
    return undefined;
  return { id, type, createdAt, payload };
}
