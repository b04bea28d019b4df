import { BOT, SOURCES, secretOf } from '../connections.ts';
import { post, toStatus } from '../post.ts';
import { type Row, summarize } from '../row.ts';
import { sign, signed, signedBody } from '../signed.ts';
import type { Target } from '../target.ts';

/** Ids with a meaning in a key, a pattern, a job id or a hash tag. */
const IDS = [
  'a:b:c',
  ':',
  '{}',
  '{sluice}',
  '{sluice}:deliveries:meta',
  '0',
  '1',
  '123',
  '0:1',
  '*',
  '?',
  '[a-z]',
  '__proto__',
  'x y',
  'a\'b"c\\d',
];
const LONG = 'x'.repeat(10_000);

/** Keys of BullMQ: a tag, the queue, a part, and Sluice's ids and hashes. */
const OF_THE_QUEUE =
  /^\{sluice\}:deliveries:(?:dlv_[0-9a-f-]{36}(?::(?:lock|logs))?|de:[\w-]{22}|id|meta|wait|active|completed|failed|delayed|paused|prioritized|pc|events|marker|stalled|stalled-check|limiter|repeat)$/;

/** Keys of Sluice, which contain only names from the connections file. */
const GROUPS = /^\{sluice\}:dead:(?:[0-9a-f]{16}|other)$/;
/** The call window of a workspace without an id, which is named after the API URL. */
const WINDOW = /^\{sluice\}:gate:window:http:\/\/127\.0\.0\.1:\d+$/;
const OURS = new Set(
  [
    ...[
      'ledger',
      'audit',
      'solitary',
      'dead-groups',
      'retention',
      'retention:lease',
      'statuses:lease',
      'gate:due',
      'gate:turns',
      'gate:held',
    ],
    ...['bot', 'lanes', 'turns'].map((name) => `gate:${name}:${BOT}`),
    ...SOURCES.map((source) => `awaiting:${source}`),
    ...SOURCES.flatMap((source) => ['lane', 'connection'].map((name) => `gate:${name}:${source}`)),
  ].map((name) => `{sluice}:${name}`),
);

async function foreignKeys({ redis }: Target): Promise<string[]> {
  const found: string[] = [];
  for await (const keys of redis.scanStream({ count: 1_000 })) {
    found.push(
      ...(keys as string[]).filter(
        (key) => ![OF_THE_QUEUE, GROUPS, WINDOW].some((ours) => ours.test(key)) && !OURS.has(key),
      ),
    );
  }
  return found;
}

/** Returns webhooks with this id in every place where a source reads one. */
function webhooksWith(id: string) {
  const order = '{"id":1,"created_at":"2026-01-01"}';
  const type = 'parcel.sent';
  const standard = signed('standard-webhooks');
  const own = { ...standard, headers: { ...standard.headers, 'webhook-id': id } };
  const issue = signed('linear');
  const changed = { ...issue, body: issue.body.replace(/"id":"[^"]*"/, `"id":${JSON.stringify(id)}`) };
  return [
    ['shopify', signedBody('shopify', order, { 'x-shopify-event-id': id })],
    [
      'shopify',
      signedBody('shopify', order, { 'x-shopify-event-id': id, 'x-shopify-shop-domain': id.slice(0, 100) }),
    ],
    ['custom', signedBody('custom', JSON.stringify({ type, id }))],
    ['custom', signedBody('custom', JSON.stringify({ type: id, id }))],
    ['standard-webhooks', sign('standard-webhooks', own, secretOf('standard-webhooks'))],
    ['linear', sign('linear', changed, secretOf('linear'))],
  ] as const;
}

export const redisKeys: readonly Row[] = [
  {
    row: 25,
    input: 'ids with a colon, {}, digits only, patterns, 10 kB',
    expected: '200 accepted; 0 keys with raw ids',
    run: async (target) => {
      const results: [string, string][] = [];
      for (const id of [...IDS, LONG]) {
        for (const [source, request] of webhooksWith(id)) {
          results.push([`${source} ${id.slice(0, 30)}`, toStatus(await post(target, source, request))]);
        }
      }
      const { got, detail } = summarize(results, '200 accepted');
      const foreign = await foreignKeys(target);
      return {
        got: `${got}; ${foreign.length} keys with raw ids`,
        detail: foreign[0]?.slice(0, 100) ?? detail,
      };
    },
  },
];
