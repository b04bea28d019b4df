import { SOURCES } from '../connections.ts';
import { post, toStatus } from '../post.ts';
import { type Row, summarize, type Variants } from '../row.ts';
import { signedBody } from '../signed.ts';
import type { Target } from '../target.ts';

const bytes = (...values: number[]) =>
  Buffer.concat([Buffer.from('{"a":"'), Buffer.from(values), Buffer.from('"}')]);

const NO_UTF8: Record<string, Buffer> = {
  'a byte that UTF-8 never contains': bytes(0xff),
  'an overlong slash': bytes(0xc0, 0xaf),
  'an overlong NUL': bytes(0xe0, 0x80, 0x80),
  'a surrogate': bytes(0xed, 0xa0, 0x80),
  'above U+10FFFF': bytes(0xf4, 0x90, 0x80, 0x80),
  'a lone continuation byte': bytes(0x80),
  'a truncated sequence': bytes(0xe2, 0x82),
};

const NO_JSON: Record<string, string> = {
  nothing: '',
  whitespace: ' \n',
  truncated: '{"id":1',
  'a bare word': 'order',
  NaN: '{"id":NaN}',
  'a trailing comma': '{"id":1,}',
  'single quotes': "{'id':1}",
  'a comment': '{"id":1/**/}',
  'two values': '{}{}',
  'a leading zero': '{"id":01}',
  'a control character': '{"id":"\n"}',
  'a form body': 'id=1&name=x',
  'a NUL': '{"id":1}\0',
};

const DEEP: Record<string, string> = {
  'unclosed arrays': '['.repeat(100_000),
  arrays: '['.repeat(100_000) + ']'.repeat(100_000),
  objects: `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
  'after a string with brackets': `{"x":"]]]]\\"]","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  '101 levels': '['.repeat(101) + ']'.repeat(101),
};

/** Sends each input as Shopify, which signs bytes: a body is only read with a valid signature. */
async function send(target: Target, inputs: Record<string, string | Buffer>): Promise<Variants> {
  const results: [string, string][] = [];
  for (const [name, body] of Object.entries(inputs)) {
    results.push([name, toStatus(await post(target, 'shopify', signedBody('shopify', body)))]);
  }
  return results;
}

export const bodies: readonly Row[] = [
  {
    row: 8,
    input: 'invalid UTF-8',
    expected: '400',
    run: async (target) => summarize(await send(target, NO_UTF8), '400'),
  },
  {
    row: 9,
    input: 'invalid JSON',
    expected: '400',
    run: async (target) => summarize(await send(target, NO_JSON), '400'),
  },
  {
    row: 10,
    input: 'JSON nested 100,000 deep, every source',
    expected: '400',
    run: async (target) => {
      const results = [...(await send(target, DEEP))];
      for (const source of SOURCES) {
        const answer = await post(target, source, signedBody(source, DEEP.objects ?? ''));
        results.push([source, toStatus(answer)]);
      }
      return summarize(results, '400');
    },
  },
];
