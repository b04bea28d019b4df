import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Client } from '@botpress/client';
import { type ApiFacts, type TypeForm, typeFormOf } from './api-facts.ts';
import { BotClient, type BotTarget, type CallOptions, type CallResult } from './bot-client.ts';
import { readEvent } from './event-scan.ts';
import { memberOf } from './read-response.ts';
import type { FailedCall } from './results.ts';
import type { ResponseHeaders } from './transport.ts';

export interface ProbeOptions extends CallOptions {
  /** Type of the event. */
  readonly type: string;
  /** Connection that the event names. */
  readonly connection: string;
  /** Milliseconds to wait until a list contains the event. */
  readonly listWithin: number;
  /** Waits for a number of milliseconds. */
  readonly delay: (ms: number) => Promise<void>;
}

export type ProbeResult =
  | { readonly kind: 'probed'; readonly eventId: string; readonly facts: ApiFacts }
  /** Nothing was learned. The event may exist if the call was ambiguous. */
  | { readonly kind: 'failed'; readonly call: FailedCall };

/**
 * Creates one marked event and finds it again, to learn what no description of the API states: the form of a listed type,
 * the effect of `pageSize`, the delay of lists, and the rate limit headers. Never rejects.
 */
export async function probeApi(target: BotTarget, options: ProbeOptions): Promise<ProbeResult> {
  const client = new BotClient(target, options);
  const { type, now } = options;
  const payload = probePayload(options);
  const startedAt = now();
  const created = await client.call((api) => api.createEvent({ type, payload }));
  if (created.kind !== 'answered') return { kind: 'failed', call: created };
  const event = readEvent(memberOf(created.body, 'event'));
  if (!event) return { kind: 'failed', call: { kind: 'ambiguous', reason: 'a 2xx answer without an event' } };

  const sought = { id: event.id, deliveryId: payload.deliveryId };
  const seen = await waitUntilListed(client, sought, options, startedAt);
  return {
    kind: 'probed',
    eventId: event.id,
    facts: {
      probedAt: startedAt,
      client: clientVersion(),
      botId: target.botId,
      typeForm:
        seen.type === undefined ? await readTypeForm(client, event.id, type) : typeFormOf(seen.type, type),
      isFoundByType: seen.byType,
      isFoundInAll: seen.inAll,
      listedAfter: seen.after,
      ...(await probePages(client)),
      headers: rateHeadersOf(created.headers),
    },
  };
}

/** A payload that the generic event `received` accepts, and that a person recognizes in the bot's logs. */
function probePayload({ connection, now }: ProbeOptions) {
  return {
    source: 'sluice',
    connection,
    topic: 'sluice.probe',
    deliveryId: `probe_${randomUUID()}`,
    occurredAt: new Date(now()).toISOString(),
    data: { sluiceProbe: true, note: 'Test event of "sluice connections check --probe". Ignore it.' },
  };
}

interface Sought {
  readonly id: string;
  readonly deliveryId: string;
}

interface Seen {
  readonly byType: boolean;
  readonly inAll: boolean;
  /** The listed type. */
  readonly type: string | undefined;
  /** Milliseconds from createEvent to the first list with the event; null if none contained it. */
  readonly after: number | null;
}

/** Milliseconds between lists: first, and at most. In a second a bot creates half a page of events at its limit. */
const FIRST_DELAY = 100;
const LONGEST_DELAY = 1_000;

/** Milliseconds for which the list by type is read on when the list of all events contains the event. */
const GRACE = 2_000;

/** Lists events by type and all events until both lists contain the event, or the time is over. */
async function waitUntilListed(
  client: BotClient,
  sought: Sought,
  { type, listWithin, now, delay }: ProbeOptions,
  startedAt: number,
): Promise<Seen> {
  let byType: string | undefined;
  let inAll: string | undefined;
  let after: number | null = null;
  let until = startedAt + listWithin;
  for (let wait = FIRST_DELAY; ; wait = Math.min(2 * wait, LONGEST_DELAY)) {
    byType ??= findListed(await client.call((api) => api.listEvents({ type })), sought);
    inAll ??= findListed(await client.call((api) => api.listEvents({})), sought);
    if (after === null && (byType ?? inAll) !== undefined) {
      after = now() - startedAt;
      until = Math.min(until, now() + GRACE);
    }
    if ((byType !== undefined && inAll !== undefined) || now() >= until) break;
    await delay(wait);
  }
  return { byType: byType !== undefined, inAll: inAll !== undefined, type: inAll ?? byType, after };
}

/** Returns the type of the event in a list; `undefined` if the list does not contain it with its payload. */
function findListed(result: CallResult<unknown>, { id, deliveryId }: Sought): string | undefined {
  const events = result.kind === 'answered' ? memberOf(result.body, 'events') : undefined;
  if (!Array.isArray(events)) return undefined;
  return events
    .map(readEvent)
    .find((event) => event?.id === id && memberOf(event.payload, 'deliveryId') === deliveryId)?.type;
}

/** Reads the form of the type of an event that no list contained. */
async function readTypeForm(client: BotClient, id: string, type: string): Promise<TypeForm> {
  const result = await client.call((api) => api.getEvent({ id }));
  const event = result.kind === 'answered' ? readEvent(memberOf(result.body, 'event')) : undefined;
  return event ? typeFormOf(event.type, type) : 'other';
}

/** Learns the effect of `pageSize`, and whether reads use up the rate limit. */
async function probePages(
  client: BotClient,
): Promise<Pick<ApiFacts, 'pageSize' | 'pageLength' | 'readsCount'>> {
  const list = (pageSize: number) => client.call((api: Client) => api.listEvents({ pageSize }));
  const small = await list(1);
  const large = await list(100);
  const left = [small, large].map((result) => remainingOf(result));
  const isKnown = left[0] !== undefined && left[1] !== undefined && left[1] <= left[0];
  return {
    pageSize: pageSizeEffect(small),
    pageLength: lengthOf(large) ?? null,
    readsCount: isKnown ? left[1] !== left[0] : null,
  };
}

/** @param small the result of a list with `pageSize: 1` */
function pageSizeEffect(small: CallResult<unknown>): ApiFacts['pageSize'] {
  if (small.kind === 'refused' && small.refusal.status === 400) return 'rejected';
  const length = lengthOf(small);
  if (small.kind !== 'answered' || length === undefined || length === 0) return 'unknown';
  if (length > 1) return 'ignored';
  // The only event of a bot shows nothing.
  return memberOf(memberOf(small.body, 'meta'), 'nextToken') ? 'honored' : 'unknown';
}

function lengthOf(result: CallResult<unknown>): number | undefined {
  const events = result.kind === 'answered' ? memberOf(result.body, 'events') : undefined;
  return Array.isArray(events) ? events.length : undefined;
}

function remainingOf(result: CallResult<unknown>): number | undefined {
  const header = result.kind === 'answered' ? result.headers['ratelimit-remaining'] : undefined;
  return typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

/** Characters of a header's value. */
const MAX_HEADER = 100;

function rateHeadersOf(headers: ResponseHeaders): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => /^(x-)?rate-?limit|^retry-after$/.test(name))
      .map(([name, value]) => [name, String(value).slice(0, MAX_HEADER)]),
  );
}

function clientVersion(): string {
  const { version } = createRequire(import.meta.url)('@botpress/client/package.json') as { version: string };
  return version;
}
