import { createSourceRegistry } from '@sluice/events';

/** What every server verifies with. */
export const SECRET = 'bench-secret';
export const CONNECTION = 'shop';

/** Of bodies that are kept at once, whatever their size. */
const MAX_BYTES = 192 * 2 ** 20;
const MAX_ORDERS = 16_000;

/**
 * Makes distinct orders as Shopify sends them, signed, each the whole of an HTTP request: so a load costs the
 * process that makes it next to nothing while it runs.
 *
 * @param kilobytes of body: an order as it comes has 6 to 8; more have more lines, less has fewer fields
 */
export function signedOrders(kilobytes: number): Buffer[] {
  const count = Math.min(MAX_ORDERS, Math.floor(MAX_BYTES / (kilobytes * 1024)));
  const samples = createSourceRegistry().get('shopify')?.samples;
  if (!samples) throw new Error('there are no samples of Shopify');
  const now = Date.now();
  return Array.from({ length: count }, (_, number) => {
    const { headers, body } = samples.compose('orders/create', {
      number,
      now,
      settings: { shopName: 'bench' },
    });
    const sized = resize(body, kilobytes * 1024);
    return toRequest(samples.sign({ headers, body: sized }, SECRET));
  });
}

/** Of what a short order must have at least. */
const ESSENTIAL = ['id', 'admin_graphql_api_id', 'created_at', 'currency', 'name', 'total_price'];

function resize(body: string, bytes: number): string {
  const order: { line_items: { id: number }[] } & Record<string, unknown> = JSON.parse(body);
  if (bytes < body.length) {
    const kept = Object.fromEntries(ESSENTIAL.map((name) => [name, order[name] ?? null]));
    return JSON.stringify({ ...kept, customer: order.customer });
  }
  const line = JSON.stringify(order.line_items[0]).length;
  const lines = Math.floor((bytes - body.length) / line);
  const more = Array.from({ length: lines }, (_, index) => ({ ...order.line_items[0], id: index }));
  return JSON.stringify({ ...order, line_items: [...order.line_items, ...more] });
}

function toRequest({ headers, body }: { headers: Readonly<Record<string, string>>; body: string }): Buffer {
  const lines = [
    `POST /webhooks/${CONNECTION} HTTP/1.1`,
    'host: bench.example.com',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
