import type { Row } from '../row.ts';
import { order, type TestWebhook } from '../webhooks.ts';

/** Topics of an order's life. Shopify does not guarantee the order of webhooks. */
const TOPICS = ['orders/create', 'orders/updated', 'orders/paid', 'orders/fulfilled', 'orders/cancelled'];
const WEBHOOKS = 500;

export const shuffled: Row = {
  row: 19,
  fault: 'webhooks out of order',
  passes: 'all delivered',
  extra: 'none',
  async run(scene) {
    const webhooks = Array.from({ length: WEBHOOKS }, (_, index) =>
      order('shop', TOPICS[index % TOPICS.length]),
    );
    shuffle(webhooks, scene.random);
    await scene.load({ count: WEBHOOKS, make: (index) => webhooks[index] as TestWebhook }).done;
    await scene.drained();
  },
};

function shuffle(webhooks: TestWebhook[], random: () => number): void {
  for (let index = webhooks.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [webhooks[index], webhooks[other]] = [webhooks[other] as TestWebhook, webhooks[index] as TestWebhook];
  }
}
