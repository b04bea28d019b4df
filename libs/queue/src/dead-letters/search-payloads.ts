import { createSourceRegistry, type Delivery, matchesTerm } from '@sluice/events';
import { readDelivery } from '../delivery-job.ts';
import { parseOrUndefined } from '../parse-or-undefined.ts';
import type { PayloadTerm } from './filter-schema.ts';
import type { Place } from './place.ts';

/** Bodies a round trip: of 8 kB each, 10 ms to read and to look through. */
const AT_ONCE = 100;

/** What operators search by is known of the sources that come with Sluice; of others, paths and names are looked for. */
const sources = createSourceRegistry();

/**
 * Tells which deliveries have all of these values in their payload: as it is, or as it was before an operator edited
 * it. What is gone meanwhile has none.
 */
export async function searchPayloads(
  place: Pick<Place, 'redis' | 'keyPrefix'>,
  ids: readonly string[],
  terms: readonly PayloadTerm[],
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    for (const { id, versions } of await readVersions(place, ids.slice(from, from + AT_ONCE))) {
      if (versions.some((version) => hasAll(version, terms))) found.add(id);
    }
  }
  return found;
}

async function readVersions(
  { redis, keyPrefix }: Pick<Place, 'redis' | 'keyPrefix'>,
  ids: readonly string[],
): Promise<{ readonly id: string; readonly versions: readonly Delivery[] }[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(`${keyPrefix}${id}`, 'data', 'sl:original');
  const answers = (await pipeline.exec()) ?? [];
  return ids.map((id, index) => {
    const [error, stored] = answers[index] ?? [];
    if (error) throw error;
    const texts = Array.isArray(stored) ? stored.filter((text) => typeof text === 'string') : [];
    const readings = texts.map((text) => readDelivery(id, parseOrUndefined(text)));
    return { id, versions: readings.flatMap((reading) => (reading.ok ? [reading.delivery] : [])) };
  });
}

function hasAll(delivery: Delivery, terms: readonly PayloadTerm[]): boolean {
  const lookups = sources.get(delivery.source)?.lookups;
  return terms.every((term) => matchesTerm(delivery, term, lookups));
}
