import { createSourceRegistry, type SampleRequest } from '@sluice/events';

const samples = createSourceRegistry().get('shopify')?.samples;

/** Signs a body like Shopify, for the connection `demo-shopify`. */
export function signed(body: string, headers: Readonly<Record<string, string>>): SampleRequest {
  if (!samples) throw new Error('shopify has no samples');
  return samples.sign(
    { body, headers: { 'content-type': 'application/json', ...headers } },
    'shopify-demo-secret',
  );
}

/** Returns distinct signed orders. */
export function orders(count: number): SampleRequest[] {
  const now = Date.now();
  return Array.from({ length: count }, (_, index) => {
    const occasion = { number: index + 1, now, settings: { shopName: 'demo-shop' } };
    const order = samples?.compose('orders/create', occasion);
    if (!order) throw new Error('shopify has no samples');
    return signed(order.body, order.headers);
  });
}
