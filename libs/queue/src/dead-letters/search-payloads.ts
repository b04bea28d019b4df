import { createSourceRegistry, type Delivery, matchesTerm } from '@sluice/events';
import type { QueueContext } from '../bullmq/context.ts';
import { readStored } from '../bullmq/read-bodies.ts';
import { deliveriesOf, readDelivery } from '../records/delivery.ts';
import { parseOrUndefined } from '../records/parse-json.ts';
import type { PayloadTerm } from './filter.ts';

/** Bodies a round trip: of 8 kB each, 10 ms to read and to look through. */
const AT_ONCE = 100;

/** What operators search by is known of the sources that come with Sluice; of others, paths and names are looked for. */
const sources = createSourceRegistry();

/**
 * Tells which deliveries have all of these values in their payload: as it is, or as it was before an operator edited
 * it. What is gone meanwhile has none.
 */
export async function searchPayloads(
  place: Pick<QueueContext, 'redis' | 'keyPrefix'>,
  ids: readonly string[],
  terms: readonly PayloadTerm[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    for (const { id, data, original } of await readStored(place, ids.slice(from, from + AT_ONCE))) {
      const texts = original === undefined ? [data] : [data, original];
      const versions = deliveriesOf(texts.map((text) => readDelivery(id, parseOrUndefined(text))));
      if (versions.some((version) => hasAll(version, terms))) found.add(id);
    }
  }
  return found;
}

function hasAll(delivery: Delivery, terms: readonly PayloadTerm[]): boolean {
  const lookups = sources.get(delivery.source)?.lookups;
  return terms.every((term) => matchesTerm(delivery, term, lookups));
}
