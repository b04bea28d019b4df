import { createSourceRegistry } from '@sluice/events';
import { resizeOrder } from '../resize-order.ts';
import { SECRET, shopName } from '../shops.ts';

/** Of bodies that are kept at once, regardless of their size. */
const MAX_BYTES = 192 * 2 ** 20;
const MAX_ORDERS = 16_000;

export interface OrdersToMake {
  /** Of body: an order as it comes has 6 to 8; more have more lines, less has fewer fields. */
  readonly kilobytes: number;
  /** Without it, as many as take 192 MiB, 16,000 at most. */
  readonly count?: number;
  /** Number of connections that send them in turn; default 1. */
  readonly shops?: number;
}

/**
 * Makes distinct orders as Shopify sends them, signed, each the whole of an HTTP request: so a load costs the
 * process that makes it next to nothing while it runs.
 */
export function signedOrders({ kilobytes, shops = 1, ...more }: OrdersToMake): Buffer[] {
  const count = more.count ?? Math.min(MAX_ORDERS, Math.floor(MAX_BYTES / (kilobytes * 1024)));
  const samples = createSourceRegistry().get('shopify')?.samples;
  if (!samples) throw new Error('there are no samples of Shopify');
  const now = Date.now();
  return Array.from({ length: count }, (_, number) => {
    const shop = shopName(number % shops);
    const { headers, body } = samples.compose('orders/create', { number, now, settings: { shopName: shop } });
    const sized = resizeOrder(body, kilobytes * 1024);
    return toRequest(shop, samples.sign({ headers, body: sized }, SECRET));
  });
}

function toRequest(
  shop: string,
  { headers, body }: { headers: Readonly<Record<string, string>>; body: string },
): Buffer {
  const lines = [
    `POST /webhooks/${shop} HTTP/1.1`,
    'host: bench.example.com',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** Of the head of a request. */
const HEAD = 1_024;

/** The id that the platform gave to a webhook. */
export function webhookIdOf(order: Buffer): string {
  return /\r\nx-shopify-webhook-id: (\S+)/.exec(order.toString('latin1', 0, HEAD))?.[1] ?? '';
}
