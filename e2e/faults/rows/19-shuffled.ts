import type { Row } from '../row.ts';
import { order, type TestWebhook } from '../webhooks.ts';

/** As they happen to an order; Shopify promises no order among webhooks. */
const TOPICS = ['orders/create', 'orders/updated', 'orders/paid', 'orders/fulfilled', 'orders/cancelled'];
const THINGS = 500;

export const shuffled: Row = {
  row: 19,
  fault: 'out of order: what happened to orders, shuffled',
  passes: 'all delivered',
  extra: 'none',
  async run(scene) {
    const things = Array.from({ length: THINGS }, (_, index) => order('shop', TOPICS[index % TOPICS.length]));
    shuffle(things, scene.random);
    await scene.load({ count: THINGS, make: (index) => things[index] as TestWebhook }).done;
    await scene.drained();
  },
};

function shuffle(things: TestWebhook[], random: () => number): void {
  for (let index = things.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [things[index], things[other]] = [things[other] as TestWebhook, things[index] as TestWebhook];
  }
}
