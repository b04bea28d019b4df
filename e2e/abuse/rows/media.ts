import { gzipSync } from 'node:zlib';
import { post, toStatus } from '../post.ts';
import { chunk, head, openConnection, sendRaw, statusesOf } from '../raw.ts';
import { type Row, summarize, type Variants } from '../row.ts';
import { signed, signedBody } from '../signed.ts';
import { ingestMemory, type Target } from '../target.ts';

const MIB = 1024 * 1024;

const ENCODINGS = [
  'gzip',
  'GZIP',
  'x-gzip',
  'br',
  'deflate',
  'zstd',
  'compress',
  'identity, gzip',
  'aes128gcm',
  'x',
];

const TYPES = [
  'application/x-www-form-urlencoded',
  'text/plain',
  'text/json',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'application/json/x',
  'application/json, text/plain',
  'application/xml',
  'application/octet-stream',
  '*/*',
  'json',
  ';application/json',
];

async function withHeader(target: Target, name: string, values: readonly string[]): Promise<Variants> {
  const results: [string, string][] = [];
  for (const value of values) {
    const { headers, body } = signed('shopify');
    results.push([
      value,
      toStatus(await post(target, 'shopify', { body, headers: { ...headers, [name]: value } })),
    ]);
  }
  return results;
}

/** One gigabyte compressed to one megabyte. Data after the response is discarded unread. */
async function bomb(target: Target): Promise<string> {
  const bytes = gzipSync(Buffer.alloc(1024 * MIB));
  const { headers } = signed('shopify');
  const lines = ['Content-Encoding: gzip'];
  const early = openConnection(target);
  early.socket.write(head({ headers, lines, length: bytes.length }));
  await early.closed;
  const whole = await sendRaw(
    target,
    Buffer.concat([Buffer.from(head({ headers, lines, length: bytes.length })), bytes]),
  );
  return `${statusesOf(early.answer())} before the body, ${statusesOf(whole)} with it`;
}

export const media: readonly Row[] = [
  {
    row: 2,
    input: 'Content-Encoding of any kind, and Transfer-Encoding: gzip',
    expected: '415',
    run: async (target) => {
      const { headers } = signed('shopify');
      const lines = ['Content-Encoding: gzip', 'Transfer-Encoding: chunked'];
      const chunked = await sendRaw(target, `${head({ headers, lines })}${chunk('x')}${chunk('')}`);
      const results = await withHeader(target, 'content-encoding', ENCODINGS);
      return summarize([...results, ['chunked', statusesOf(chunked)]], '415');
    },
  },
  {
    row: 2,
    input: 'gzip bomb of 1 GiB',
    expected: '415 before the body, 415 with it; memory flat',
    run: async (target) => {
      const before = await ingestMemory(target);
      const answers = await bomb(target);
      const grown = Math.round(((await ingestMemory(target)) - before) / MIB);
      return { got: `${answers}; memory ${grown < 64 ? 'flat' : 'grew'}`, detail: `${grown} MiB` };
    },
  },
  {
    row: 3,
    input: 'any charset parameter, UTF-8 bytes',
    expected: '200 accepted',
    run: async (target) =>
      summarize(
        await withHeader(
          target,
          'content-type',
          [
            'utf-8',
            'UTF-8',
            '"utf-8"',
            'iso-8859-1',
            'utf-16',
            'ascii',
            'shift_jis',
            'no-such-charset',
            '',
          ].map((charset) => `application/json; charset=${charset}`),
        ),
        '200 accepted',
      ),
  },
  {
    row: 3,
    input: 'a charset parameter with bytes in that charset, signed',
    expected: '400',
    run: async (target) => {
      const order = '{"id":1,"created_at":"2026-01-01","note":"größer"}';
      const swapped = Buffer.from(order, 'utf16le').swap16();
      const results: [string, string][] = [];
      for (const [charset, body] of [
        ['iso-8859-1', Buffer.from(order, 'latin1')],
        ['utf-16le', Buffer.from(order, 'utf16le')],
        ['utf-16be', swapped],
        ['utf-8', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(order)])],
      ] as const) {
        const request = signedBody('shopify', body, {
          'content-type': `application/json; charset=${charset}`,
        });
        results.push([charset, toStatus(await post(target, 'shopify', request))]);
      }
      return summarize(results, '400');
    },
  },
  {
    row: 14,
    input: 'a wrong and a missing content type',
    expected: '415',
    run: async (target) => {
      const { 'content-type': _, ...headers } = signed('shopify').headers;
      const none = await sendRaw(target, `${head({ headers, length: 2 })}{}`);
      return summarize(
        [...(await withHeader(target, 'content-type', TYPES)), ['none', statusesOf(none)]],
        '415',
      );
    },
  },
];
