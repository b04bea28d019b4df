import { createHash, createHmac } from 'node:crypto';
import { createSourceRegistry, type SampleRequest } from '@sluice/events';

const registry = createSourceRegistry();

/** Shopify topics of payloads without headers, by file name. */
const SHOPIFY_TOPICS: readonly [RegExp, string][] = [
  [/^app-uninstalled/, 'app/uninstalled'],
  [/^customers-data_request/, 'customers/data_request'],
  [/^shop-redact/, 'shop/redact'],
  [/^(orders-create|orders?\.)/, 'orders/create'],
];

/**
 * Returns the request that a platform would send with this payload, signed for the demo connection.
 *
 * @param json the payload, or a capture `{headers, body}`, or a documented `{response}`
 */
export function signFixture(folder: string, name: string, json: unknown): SampleRequest {
  const capture = json as { headers?: Record<string, string>; body?: unknown; response?: unknown };
  const payload = capture.headers ? capture.body : (capture.response ?? json);
  const own = { 'content-type': 'application/json', ...capture.headers };
  delete (own as Record<string, string>)['content-length'];
  delete (own as Record<string, string>)['accept-encoding'];
  switch (folder) {
    case 'shopify':
      return signed('shopify', JSON.stringify(payload), { ...own, ...shopifyHeaders(name, own) });
    case 'linear':
      return signed('linear', JSON.stringify({ ...(payload as object), webhookTimestamp: Date.now() }), own);
    case 'telegram':
    case 'whatsapp':
      return signed(folder, JSON.stringify(payload), own);
    case 'github':
      return {
        body: JSON.stringify(payload),
        headers: { ...own, ...githubSignature(JSON.stringify(payload)) },
      };
    case 'stripe':
      return {
        body: JSON.stringify(payload),
        headers: { ...own, ...stripeSignature(JSON.stringify(payload)) },
      };
    default:
      throw new RangeError(`no signature scheme for ${folder}`);
  }
}

function signed(source: string, body: string, headers: Readonly<Record<string, string>>): SampleRequest {
  const samples = registry.get(source)?.samples;
  if (!samples) throw new RangeError(`${source} has no samples`);
  return samples.sign({ body, headers }, `${source}-demo-secret`);
}

function shopifyHeaders(name: string, own: Readonly<Record<string, string>>): Record<string, string> {
  const topic = own['x-shopify-topic'] ?? SHOPIFY_TOPICS.find(([fits]) => fits.test(name))?.[1];
  if (!topic) throw new RangeError(`no known topic for ${name}`);
  // Several captures have the same test order: each is sent with its own event id.
  const id = createHash('sha256').update(name).digest('hex').slice(0, 32);
  return {
    'x-shopify-topic': topic,
    'x-shopify-event-id': id,
    'x-shopify-shop-domain': 'demo-shop.myshopify.com',
  };
}

function githubSignature(body: string): Record<string, string> {
  const hex = createHmac('sha256', 'github-demo-secret').update(body).digest('hex');
  return { 'x-hub-signature-256': `sha256=${hex}` };
}

function stripeSignature(body: string): Record<string, string> {
  const time = Math.floor(Date.now() / 1000);
  const hex = createHmac('sha256', 'stripe-demo-secret').update(`${time}.${body}`).digest('hex');
  return { 'stripe-signature': `t=${time},v1=${hex}` };
}
