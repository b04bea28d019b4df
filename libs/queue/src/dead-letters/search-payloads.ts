import { createSourceRegistry, type Delivery, matchesTerm } from '@sluice/events';
import type { QueueContext } from '../bullmq/context.ts';
import { readStored } from '../bullmq/read-bodies.ts';
import { deliveriesOf, readDelivery } from '../records/delivery.ts';
import { parseOrUndefined } from '../records/parse-json.ts';
import type { PayloadTerm } from './filter.ts';

/** Bodies per round trip: 100 of 8 kB take 10 ms to read and to search. */
const AT_ONCE = 100;

/** Built-in sources define names to search by. In other payloads, paths and property names are searched. */
const sources = createSourceRegistry();

/**
 * Returns which deliveries have all values in their payload, as it is or as it was before an operator edited it.
 * Deliveries that are gone have none.
 */
export async function searchPayloads(
  queue: Pick<QueueContext, 'redis' | 'keyPrefix'>,
  ids: readonly string[],
  terms: readonly PayloadTerm[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    for (const { id, data, original } of await readStored(queue, ids.slice(start, start + AT_ONCE))) {
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
