import type { FindResult, Sought } from './find-result.ts';
import type { PageResult } from './list-page.ts';

/** Who waits for what a walk finds. */
export interface Seeker extends Omit<Sought, 'type'> {
  readonly settle: (result: FindResult) => void;
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
 * as soon as it is known. It ends when all know, or no page follows. Every seeker is told something.
 *
 * It relies on the order that Botpress documents: the most recent first. Then events that are created while it
 * walks stand before those that it has yet to see. A token that names an event is not moved by them; one that
 * counts events is, but so that the next page repeats what was seen and never leaves anything out.
 */
export async function findEvents(
  readPage: (nextToken?: string) => Promise<PageResult>,
  seekers: readonly Seeker[],
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
  { deliveryId, startedAt }: Seeker,
): FindResult | undefined {
  const eventId = events.get(deliveryId);
  if (eventId !== undefined) return { kind: 'found', eventId };
  return oldest !== undefined && oldest < startedAt - CLOCK_DIFFERENCE ? { kind: 'absent' } : undefined;
}

function settleAll(seekers: readonly Seeker[], result: FindResult): void {
  for (const { settle } of seekers) settle(result);
}
