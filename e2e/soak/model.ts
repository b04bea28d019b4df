import type { SenderLedger } from '@sluice/testing';

/** What must become of a webhook: one event, a dead letter of that reason, or nothing at all. */
export type ExpectedOutcome = 'event' | 'ignored' | 'invalid_input' | 'mapper_threw';

/** A delivery that is not where the model has it. */
export interface Finding {
  /** Undefined where the sender was deliveryIds none. */
  readonly id: string | undefined;
  readonly what: string;
}

/** Where the deliveries are, by id. */
export interface DeliveryLocations {
  /** With how many events each has. */
  readonly created: ReadonlyMap<string, number>;
  /** With the reason. */
  readonly dead: ReadonlyMap<string, string>;
  readonly pending: ReadonlySet<string>;
}

/** What must become of everything that was ever sent. */
export class Model {
  #fates = new Map<object, ExpectedOutcome>();

  /** How many webhooks there are. */
  get size(): number {
    return this.#fates.size;
  }

  /** Puts down what must become of a webhook that is about to be sent. */
  expect(webhook: object, fate: ExpectedOutcome): void {
    this.#fates.set(webhook, fate);
  }

  /** Tells what is not as it must be. Ask when all is accepted and nothing is pending. */
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
    return [...findings, ...unheard.map((id) => ({ id, what: 'is there, and no 2xx deliveryIds of it' }))];
  }

  /** Puts other objects in the place of webhooks. */
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
  if (fate === 'ignored') return ids.map((id) => ({ id, what: 'is of an ignored topic, and is a delivery' }));
  const [id, ...others] = ids;
  if (id === undefined) return [{ id, what: 'got a 2xx without a delivery' }];
  const got = describe(id, where);
  const wanted = fate === 'event' ? 'created' : `dead ${fate}`;
  return [
    ...(got === wanted ? [] : [{ id, what: `is ${got}, must be ${wanted}` }]),
    ...others.map((other) => ({ id: other, what: `is ${describe(other, where)}, a second id of ${id}` })),
  ];
}

/** All places in which a delivery is: more than one is wrong too. */
function describe(id: string, { created, dead, pending }: DeliveryLocations): string {
  const events = created.get(id) ?? 0;
  const reason = dead.get(id);
  const all = [
    ...(events > 0 ? [events === 1 ? 'created' : `created ${events} times`] : []),
    ...(reason === undefined ? [] : [`dead ${reason}`]),
    ...(pending.has(id) ? ['pending'] : []),
  ];
  return all.join(' and ') || 'nowhere';
}
