import { head, sendRaw, statusesOf } from '../raw.ts';
import { type Row, summarize, type Variants } from '../row.ts';
import { signed, signedBody } from '../signed.ts';
import type { Target } from '../target.ts';

const NOT_FOUND = [
  '/',
  '/webhooks',
  '/webhooks/',
  '/webhooks/../shopify',
  '/webhooks/../webhooks/shopify',
  '/webhooks/./shopify',
  '/webhooks/shopify/..',
  '/webhooks/shopify/more',
  '/webhooks/%2e%2e/',
  '/webhooks/%2e%2e%2fetc',
  '/webhooks/..%2fetc%2fpasswd',
  '/webhooks/a%2Fb',
  '/webhooks/shopify%2f',
  '/webhooks/%5c..%5cetc',
  '/webhooks/%00',
  '/webhooks/shopify%00',
  '/webhooks/shopify%20',
  '/webhooks/%0d%0aX-Injected:%20yes',
  '/webhooks/SHOPIFY',
  '/webhooks/__proto__',
  '/webhooks/shopify;x=1',
  '/webhooks/shopify:1',
  '/webhooks/%EF%BC%8E%EF%BC%8E',
  `/webhooks/${'x'.repeat(64)}`,
  `/webhooks/${'x'.repeat(8_000)}`,
  '//webhooks',
  '//webhooks/shopify',
  '/webhooks//shopify',
  '/%77ebhooks/shopify',
  'http://[/webhooks/shopify',
  'http://[::1/webhooks/shopify?a=b',
  '/admin',
  '/metrics',
  '/.env',
];

const MALFORMED = [
  '/webhooks/%',
  '/webhooks/%zz',
  '/webhooks/%c0%ae%c0%ae',
  '/webhooks/%ff',
  '/webhooks/%E0%A4',
];

async function ask(target: Target, method: string, paths: readonly string[]): Promise<Variants> {
  const results: [string, string][] = [];
  for (const path of paths) {
    const { headers, body } = signedBody('shopify', '{}');
    const length = method === 'GET' ? undefined : body.length;
    const request =
      head({ requestLine: `${method} ${path} HTTP/1.1`, headers, length }) + (length ? body : '');
    results.push([`${method} ${path.slice(0, 40)}`, statusesOf(await sendRaw(target, request))]);
  }
  return results;
}

export const addresses: readonly Row[] = [
  {
    row: 16,
    input: 'path traversal, encoded slashes, NUL, other spellings of a path',
    expected: '404',
    run: async (target) =>
      summarize([...(await ask(target, 'POST', NOT_FOUND)), ...(await ask(target, 'GET', NOT_FOUND))], '404'),
  },
  {
    row: 16,
    input: 'invalid percent escapes',
    expected: '400',
    run: async (target) =>
      summarize([...(await ask(target, 'POST', MALFORMED)), ...(await ask(target, 'GET', MALFORMED))], '400'),
  },
  {
    row: 16,
    input: 'request lines that are not URLs',
    expected: '403',
    run: async (target) =>
      summarize(
        await ask(target, 'GET', [
          'http://other:99999/webhooks/whatsapp?a=b',
          'http://:@/webhooks/whatsapp',
          '/webhooks/whatsapp?%',
          '/webhooks/whatsapp?__proto__=1&constructor=2',
          `/webhooks/whatsapp?${'a=b&'.repeat(2_000)}`,
        ]),
        '403',
      ),
  },
  {
    row: 16,
    input: 'other methods on a webhook URL',
    expected: '404',
    run: async (target) => {
      const results: (readonly [string, string])[] = [];
      for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
        const { headers, body } = signed('shopify');
        const request = head({
          requestLine: `${method} /webhooks/shopify HTTP/1.1`,
          headers,
          length: Buffer.byteLength(body),
        });
        results.push([
          method,
          statusesOf(await sendRaw(target, Buffer.concat([Buffer.from(request), Buffer.from(body)]))),
        ]);
      }
      return summarize(results, '404');
    },
  },
];
