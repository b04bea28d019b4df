import type { SenderLedger } from '@sluice/testing';

/** Expected result of a webhook: one event, a dead letter with this reason, or no delivery. */
export type ExpectedOutcome = 'event' | 'ignored' | 'invalid_input' | 'mapper_threw';

/** A delivery that is not where the model expects it. */
export interface Finding {
  /** Undefined if the sender got no id. */
  readonly id: string | undefined;
  readonly what: string;
}

/** Locations of deliveries, by id. */
export interface DeliveryLocations {
  /** With the number of events. */
  readonly created: ReadonlyMap<string, number>;
  /** With the reason. */
  readonly dead: ReadonlyMap<string, string>;
  readonly pending: ReadonlySet<string>;
}

/** Expected results of all webhooks. */
export class Model {
  #fates = new Map<object, ExpectedOutcome>();

  /** Number of webhooks. */
  get size(): number {
    return this.#fates.size;
  }

  /** Records the expected result of a webhook before it is sent. */
  expect(webhook: object, fate: ExpectedOutcome): void {
    this.#fates.set(webhook, fate);
  }

  /** Returns all differences from the model. Requires that all webhooks are accepted and nothing is pending. */
  compare(
    { deliveryIds, accepted }: Pick<SenderLedger, 'deliveryIds' | 'accepted'>,
    where: DeliveryLocations,
  ): Finding[] {
    const findings = [...this.#fates].flatMap(([webhook, fate]) =>
      compareOne(deliveryIds.get(webhook), fate, where),
    );
    const unheard = [...where.created.keys(), ...where.dead.keys(), ...where.pending].filter(
      (id) => !accepted.has(id),
    );
    return [...findings, ...unheard.map((id) => ({ id, what: 'is stored, but was not acknowledged' }))];
  }

  /** Replaces the objects that identify webhooks. */
  replace(light: (webhook: object) => object): void {
    this.#fates = new Map([...this.#fates].map(([webhook, fate]) => [light(webhook), fate]));
  }
}

function compareOne(
  places: readonly ReadonlySet<string>[] | undefined,
  fate: ExpectedOutcome,
  where: DeliveryLocations,
): Finding[] {
  if (!places) return [{ id: undefined, what: 'was never accepted' }];
  const ids = places.flatMap((place) => [...place]);
  if (fate === 'ignored') return ids.map((id) => ({ id, what: 'has a disabled topic, but is a delivery' }));
  const [id, ...others] = ids;
  if (id === undefined) return [{ id, what: 'got a 2xx without a delivery' }];
  const got = describe(id, where);
  const wanted = fate === 'event' ? 'created' : `dead ${fate}`;
  return [
    ...(got === wanted ? [] : [{ id, what: `is ${got}, expected ${wanted}` }]),
    ...others.map((other) => ({ id: other, what: `is ${describe(other, where)}, a second id of ${id}` })),
  ];
}

/** Describes all locations of a delivery. More than one is a problem as well. */
function describe(id: string, { created, dead, pending }: DeliveryLocations): string {
  const events = created.get(id) ?? 0;
  const reason = dead.get(id);
  const all = [
    ...(events > 0 ? [events === 1 ? 'created' : `created ${events} times`] : []),
    ...(reason === undefined ? [] : [`dead ${reason}`]),
    ...(pending.has(id) ? ['pending'] : []),
  ];
  return all.join(' and ') || 'missing';
}
