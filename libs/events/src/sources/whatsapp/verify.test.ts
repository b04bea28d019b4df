import { createHmac } from 'node:crypto';
import { readSharedFixtures } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import { whatsappSamples } from './samples.ts';
import { verifyWhatsApp } from './verify.ts';

const SECRET = 'app-secret';
const hex = (message: string | Buffer, secret = SECRET) =>
  createHmac('sha256', secret).update(message).digest('hex');

const verify = (body: string | Buffer, header: string | undefined, secrets: readonly string[] = [SECRET]) =>
  verifyWhatsApp(
    { headers: { 'x-hub-signature-256': header }, body: Buffer.from(body), receivedAt: 0 },
    { secrets, settings: {} },
  ).ok;

describe('verifyWhatsApp accepts', () => {
  const body = '{"text":"Grüße","url":"https:\\/\\/example.com/é"}';
  const escaped = '{"text":"Gr\\u00fc\\u00dfe","url":"https:\\/\\/example.com/\\u00e9"}';

  test.each([
    ['a signature of the exact bytes', body, body],
    ['a signature of the escaped form', body, escaped],
    ['an escaped body', escaped, escaped],
    ['an empty body', '', ''],
  ])('%s', (_name, sent, signed) => {
    expect(verify(sent, `sha256=${hex(signed)}`)).toBe(true);
    expect(verify(sent, `sha256=${hex(signed, 'old')}`, [SECRET, 'old'])).toBe(true);
    expect(verify(sent, `sha256=${hex(signed, 'other')}`)).toBe(false);
  });

  test('a signature of bytes that are not UTF-8 and have no escaped form', () => {
    const bytes = Buffer.from([0x22, 0xff, 0xc3, 0xa9, 0x22]);
    expect(verify(bytes, `sha256=${hex(bytes)}`)).toBe(true);
    expect(verify(bytes, `sha256=${hex('"\\ufffd\\u00e9"')}`)).toBe(false);
  });
});

describe('verifyWhatsApp rejects', () => {
  const body = '{"text":"é"}';

  test.each([
    ['a missing header', undefined],
    ['an empty header', ''],
    ['a bare digest', hex(body)],
    ['another prefix', `sha512=${hex(body)}`],
    ['upper-case hex', `sha256=${hex(body).toUpperCase()}`],
    ['the older scheme', `sha1=${createHmac('sha1', SECRET).update(body).digest('hex')}`],
    ['base64', `sha256=${createHmac('sha256', SECRET).update(body).digest('base64')}`],
    ['two signatures', `sha256=${hex(body)}, sha256=${hex(body)}`],
    ['a signature that is too short', `sha256=${hex(body).slice(0, -1)}`],
    ['a signature that is too long', `sha256=${hex(body)}0`],
    ['a signature over upper-case escapes', `sha256=${hex('{"text":"\\u00E9"}')}`],
    ['a signature by an empty key', `sha256=${hex(body, '')}`],
  ])('%s', (_name, header) => {
    expect(verify(body, header)).toBe(false);
  });

  test.each([body, '{"text":"e"}'])('the body %s with any bit flipped', (sent) => {
    const signatures = [`sha256=${hex(sent)}`, `sha256=${hex('{"text":"\\u00e9"}')}`];
    const bytes = Buffer.from(sent);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const forged = Buffer.from(bytes);
      forged.writeUInt8(forged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      for (const signature of signatures) expect(verify(forged, signature)).toBe(false);
    }
  });
});

test('samples are signed like Meta’s webhooks: over the escaped form', () => {
  const { headers } = whatsappSamples.sign({ headers: {}, body: '"é"' }, SECRET);
  expect(headers['x-hub-signature-256']).toBe(`sha256=${hex('"\\u00e9"')}`);
});

test('verifyWhatsApp reports the reason without body, secret or signature', () => {
  const body = Buffer.from('{"text":"é hunter2"}');
  const why = (header: string) =>
    verifyWhatsApp(
      { headers: { 'x-hub-signature-256': header }, body, receivedAt: 0 },
      { secrets: [SECRET], settings: {} },
    );
  expect(why('')).toEqual({ ok: false, why: 'no X-Hub-Signature-256 of sha256=<hex>' });
  expect(why(`sha256=${'0'.repeat(64)}`)).toEqual({ ok: false, why: 'signature does not match' });
});

interface Vectors {
  readonly vectors: readonly { name: string; secret: string; body: string; signature: string }[];
}

const published = readSharedFixtures('signatures', /^meta/);
test.skipIf(published.length === 0)('verifyWhatsApp accepts both published test vectors', () => {
  const vectors = published.flatMap(({ json }) => (json as Vectors).vectors);
  expect(vectors).toHaveLength(2);
  for (const { name, secret, body, signature } of vectors) {
    expect(verify(body, signature, [secret]), name).toBe(true);
    expect(verify(`${body} `, signature, [secret]), name).toBe(false);
    expect(verify(body, signature, ['another']), name).toBe(false);
  }
});
