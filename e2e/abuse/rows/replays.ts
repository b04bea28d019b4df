import type { SourceName } from '../connections.ts';
import { secretOf } from '../connections.ts';
import { post, toStatus } from '../post.ts';
import { type Row, summarize, type Variants } from '../row.ts';
import { sign, signed } from '../signed.ts';
import type { Target } from '../target.ts';

/** Tolerance in seconds of each source with a signed timestamp. */
const TOLERANCES: Partial<Record<SourceName, number>> = { linear: 60, 'standard-webhooks': 300, custom: 300 };

const TIMESTAMP_HEADERS: Partial<Record<SourceName, string>> = {
  'standard-webhooks': 'webhook-timestamp',
  custom: 'x-timestamp',
};

async function aged(target: Target, ageOf: (tolerance: number) => number): Promise<Variants> {
  const results: [string, string][] = [];
  for (const [name, tolerance] of Object.entries(TOLERANCES)) {
    const source = name as SourceName;
    results.push([source, toStatus(await post(target, source, signed(source, ageOf(tolerance) * 1_000)))]);
  }
  return results;
}

/** Sends signed webhooks with invalid timestamps. */
async function invalidTimestamps(target: Target): Promise<Variants> {
  const results: [string, string][] = [];
  for (const [name, header] of Object.entries(TIMESTAMP_HEADERS)) {
    const source = name as SourceName;
    for (const timestamp of ['', 'now', '-1', '1e12', 'NaN', 'Infinity', '0x6b8', `${'9'.repeat(400)}`]) {
      const { headers, body } = signed(source);
      const request = sign(source, { body, headers: { ...headers, [header]: timestamp } }, secretOf(source));
      results.push([`${source} ${timestamp}`, toStatus(await post(target, source, request))]);
    }
  }
  for (const timestamp of ['null', '"now"', '1e999', '-1e999', '[]', String(Date.now() / 1_000)]) {
    const { headers, body } = signed('linear');
    const changed = body.replace(/"webhookTimestamp":\d+/, `"webhookTimestamp":${timestamp}`);
    const request = sign('linear', { headers, body: changed }, secretOf('linear'));
    results.push([`linear ${timestamp}`, toStatus(await post(target, 'linear', request))]);
  }
  return results;
}

export const replays: readonly Row[] = [
  {
    row: 5,
    input: 'signed timestamp outside the tolerance, in both directions',
    expected: '401',
    run: async (target) => {
      const old = await aged(target, (tolerance) => tolerance + 5);
      const ahead = await aged(target, (tolerance) => -tolerance - 5);
      return summarize([...old, ...ahead], '401');
    },
  },
  {
    row: 5,
    input: 'signed timestamp within the tolerance',
    expected: '200 accepted',
    run: async (target) => summarize(await aged(target, (tolerance) => tolerance - 15), '200 accepted'),
  },
  {
    row: 5,
    input: 'invalid signed timestamp',
    expected: '401',
    run: async (target) => summarize(await invalidTimestamps(target), '401'),
  },
  {
    row: 5,
    input: 'fresh replay of a captured request',
    expected: '200 duplicate, the same delivery',
    run: async (target) => {
      const results: [string, string][] = [];
      for (const source of ['shopify', 'linear', 'whatsapp', 'standard-webhooks', 'custom'] as const) {
        const request = signed(source);
        const [first, again] = [await post(target, source, request), await post(target, source, request)];
        const same = first.deliveries.join() === again.deliveries.join() && first.deliveries.length > 0;
        results.push([source, `${toStatus(again)}, ${same ? 'the same' : 'another'} delivery`]);
      }
      return summarize(results, '200 duplicate, the same delivery');
    },
  },
];
