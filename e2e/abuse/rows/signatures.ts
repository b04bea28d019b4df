import type { SampleRequest } from '@sluice/events';
import { SOURCES, type SourceName } from '../connections.ts';
import { post } from '../post.ts';
import { type Row, summarize, type Variants } from '../row.ts';
import { SIGNATURE_HEADERS, sign, signed } from '../signed.ts';
import { countChanges, type Target, withWorkerFrozen } from '../target.ts';

/** Corruptions of a signature header. */
const SPOILT: Record<string, (signature: string) => string | undefined> = {
  missing: () => undefined,
  empty: () => '',
  truncated: (signature) => signature.slice(0, -4),
  'one letter': (signature) => signature.slice(0, 1),
  'only its prefix': (signature) => /^(?:sha256=|v1,)/.exec(signature)?.[0] ?? ',',
  // Not the same letter in another case, which is equal in hex.
  'a different last letter': (signature) =>
    signature.replace(/[^=](=*)$/, (end) => (end[0] === '0' ? '1' : '0') + end.slice(1)),
  repeated: (signature) => signature + signature,
  'hex of its Base64': (signature) => Buffer.from(signature).toString('hex'),
  '4 kB long': (signature) => signature.repeat(40).slice(0, 4_000),
};

async function corrupt(target: Target, source: SourceName): Promise<Variants> {
  const header = SIGNATURE_HEADERS[source];
  const good = signed(source);
  const results: [string, string][] = [];
  const send = async (name: string, request: SampleRequest) => {
    results.push([`${source} ${name}`, String((await post(target, source, request)).status)]);
  };
  for (const [name, change] of Object.entries(SPOILT)) {
    const { [header]: signature = '', ...rest } = good.headers;
    const spoilt = change(signature);
    await send(name, { ...good, headers: spoilt === undefined ? rest : { ...rest, [header]: spoilt } });
  }
  await send('with another secret', sign(source, good, 'not-a-secret-of-any-connection'));
  // Telegram sends a token, which does not depend on the body.
  if (source !== 'telegram') await send('for another body', { ...good, body: `${good.body} ` });
  return results;
}

export const signatures: readonly Row[] = [
  {
    row: 1,
    input: 'missing, invalid or truncated signature, every source',
    expected: '401, 0 changes in Redis',
    run: (target) =>
      withWorkerFrozen(target, async () => {
        const before = await countChanges(target);
        const results: (readonly [string, string])[] = [];
        for (const source of SOURCES) results.push(...(await corrupt(target, source)));
        const { got, detail } = summarize(results, '401');
        return { got: `${got}, ${(await countChanges(target)) - before} changes in Redis`, detail };
      }),
  },
];
