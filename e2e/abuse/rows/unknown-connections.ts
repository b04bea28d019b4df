import { SOURCES } from '../connections.ts';
import { post } from '../post.ts';
import { type Row, summarize } from '../row.ts';
import { SIGNATURE_HEADERS, signed } from '../signed.ts';
import { countChanges, type Target, withWorkerFrozen } from '../target.ts';

const UNKNOWN = ['nobody', 'shopify-2', 'a', '0', '-', 'x'.repeat(63)];
const KNOWN_OR_NOT = [...SOURCES, ...UNKNOWN];

/** Returns the whole response, and the number of Redis writes it caused. */
async function refusal(target: Target, to: string): Promise<string> {
  const { headers, body } = signed('shopify');
  const before = await countChanges(target);
  const forged = { ...headers, [SIGNATURE_HEADERS.shopify]: 'forged' };
  const { status, headers: answered, text } = await post(target, to, { headers: forged, body });
  return JSON.stringify([status, answered, text, (await countChanges(target)) - before]);
}

async function handshake({ pipeline }: Target, to: string): Promise<string> {
  const query = 'hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong';
  const answer = await fetch(`${pipeline.webhookUrl(to)}?${query}`);
  const { date: _, ...headers } = Object.fromEntries(answer.headers);
  return JSON.stringify([answer.status, headers, await answer.text()]);
}

/** Returns the median time of rejections in milliseconds. Printed only: a check could not separate noise from a leak. */
async function medianMs(target: Target, to: string): Promise<string> {
  const times: number[] = [];
  for (let index = 0; index < 100; index++) {
    const { headers, body } = signed('shopify');
    const start = performance.now();
    await post(target, to, { headers: { ...headers, [SIGNATURE_HEADERS.shopify]: 'forged' }, body });
    times.push(performance.now() - start);
  }
  return (times.sort((a, b) => a - b)[50] ?? 0).toFixed(2);
}

export const unknownConnections: readonly Row[] = [
  {
    row: 15,
    input: 'unknown connection, compared with an invalid signature for each known one',
    expected: 'the same 401, headers and body; 0 changes in Redis',
    run: async (target) => {
      const results = await withWorkerFrozen(target, async () => {
        const all: [string, string][] = [];
        for (const to of KNOWN_OR_NOT) all.push([to, await refusal(target, to)]);
        return all;
      });
      const first = results[0]?.[1] ?? '';
      const { got } = summarize(results, first);
      const isRefusal = first.startsWith('[401,') && first.endsWith(',0]');
      const [known, unknown] = [await medianMs(target, 'shopify'), await medianMs(target, 'unknown')];
      return {
        got: got === first && isRefusal ? 'the same 401, headers and body; 0 changes in Redis' : got,
        detail: `${results.length} addresses; median ${known} ms known, ${unknown} ms unknown`,
      };
    },
  },
  {
    row: 15,
    input: 'handshake of an unknown connection, compared with a wrong token for each known one',
    expected: 'the same 403',
    run: async (target) => {
      const results: [string, string][] = [];
      for (const to of KNOWN_OR_NOT) results.push([to, await handshake(target, to)]);
      const first = results[0]?.[1] ?? '';
      const { got, detail } = summarize(results, first);
      return { got: got === first && first.startsWith('[403,') ? 'the same 403' : got, detail };
    },
  },
];
