import type { DeadLetterFilter, DeadLetters, Replays } from '@sluice/queue';

/** A query and its filter. */
export interface Question {
  readonly name: string;
  ask(): Promise<unknown>;
}

/** The others are counted by their groups alone, as fast as the connection's. */
const COUNTED = /^(?:connection|source|type, one|from and to|text|ids|payload)/;

export const NO_MATCH = { name: 'email', value: 'nobody@example.org' };

/** Filters that some fit, and that none does. */
function filters(
  example: { diedAt: number; ids: readonly string[] },
  orderId: string,
): [string, DeadLetterFilter][] {
  const { diedAt, ids } = example;
  return [
    ['connection', { connection: 'shop-3' }],
    ['connection, none', { connection: 'nobody' }],
    ['source, none', { source: 'linear' }],
    ['topic', { topic: 'orders/paid' }],
    ['topic, none', { topic: 'orders/edited' }],
    ['event, none', { event: 'orderEdited' }],
    ['reason', { reason: 'invalid_event' }],
    ['reason, none', { reason: 'ambiguous' }],
    ['type, one in a hundred', { type: 'Rare' }],
    ['type, none', { type: 'None' }],
    ['status, none', { status: 418 }],
    ['from and to, a second', { since: diedAt - 1_000, until: diedAt }],
    ['from, none', { since: diedAt + 3_600_000 }],
    ['text', { text: 'needle in a' }],
    ['text, none', { text: 'no such words' }],
    ['text, of every message’s JSON and none of its words', { text: 'InvalidPayload' }],
    ['ids, 100', { id: ids }],
    ['payload: order_id, one', { having: [{ name: 'order_id', value: orderId }] }],
    ['payload: email, none', { having: [NO_MATCH] }],
    ['payload and connection, none', { connection: 'shop-3', having: [NO_MATCH] }],
    ['payload: sku, a third', { having: [{ name: 'sku', value: 'TOTE-NAT' }] }],
  ];
}

/** Pages of 50 of each filter, counts of each, and what a console opens with. */
export async function questions(
  deadLetters: DeadLetters,
  replays: Replays,
  orderId: string,
): Promise<Question[]> {
  const { letters } = await deadLetters.find({}, { order: 'newest', limit: 100 });
  const ids = letters.map(({ id }) => id);
  let cursor: string | undefined;
  for (let page = 0; page < 500; page++) {
    cursor = (await deadLetters.find({}, { order: 'newest', limit: 50, cursor })).next;
  }
  const page = (filter: DeadLetterFilter) => deadLetters.find(filter, { order: 'newest', limit: 50 });
  const of = filters({ diedAt: letters.at(-1)?.diedAt ?? 0, ids }, orderId);
  return [
    { name: 'first page of 50', ask: () => page({}) },
    { name: 'page 500', ask: () => deadLetters.find({}, { order: 'newest', limit: 50, cursor }) },
    { name: 'groups with counts', ask: () => deadLetters.groups() },
    ...of.map(([name, filter]) => ({ name: `page: ${name}`, ask: () => page(filter) })),
    { name: 'count: all', ask: () => replays.plan({}) },
    ...of
      .filter(([name]) => COUNTED.test(name))
      .map(([name, filter]) => ({ name: `count: ${name}`, ask: () => replays.plan(filter) })),
  ];
}
