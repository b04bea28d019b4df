import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { verifyHmac } from './constant-time.ts';

const message = Buffer.from('{"id":1}');
const sign = (secret: string, encoding: 'base64' | 'hex' = 'base64') =>
  createHmac('sha256', secret).update(message).digest(encoding);

test('accepts a signature by any of the secrets', () => {
  for (const secret of ['old', 'new']) {
    const scheme = { message, signature: sign(secret), encoding: 'base64', secrets: ['new', 'old'] } as const;
    expect(verifyHmac(scheme)).toBe(true);
  }
  expect(verifyHmac({ message, signature: sign('other'), encoding: 'base64', secrets: ['new', 'old'] })).toBe(
    false,
  );
});

test('rejects a signature with any single bit flipped, including bits that base64 decoders skip', () => {
  const signature = Buffer.from(sign('secret'));
  for (let bit = 0; bit < signature.length * 8; bit++) {
    const forged = Buffer.from(signature);
    forged.writeUInt8(forged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    const scheme = {
      message,
      signature: forged.toString('latin1'),
      encoding: 'base64',
      secrets: ['secret'],
    } as const;
    expect(verifyHmac(scheme)).toBe(false);
  }
});

test.each(['', 'x', sign('secret').slice(0, -1), `${sign('secret')} `, ` ${sign('secret')}`, 'é'.repeat(44)])(
  'rejects the signature %j',
  (signature) => {
    expect(verifyHmac({ message, signature, encoding: 'base64', secrets: ['secret'] })).toBe(false);
  },
);

test('rejects a hex signature where base64 is expected, and the reverse', () => {
  expect(
    verifyHmac({ message, signature: sign('secret', 'hex'), encoding: 'hex', secrets: ['secret'] }),
  ).toBe(true);
  expect(
    verifyHmac({ message, signature: sign('secret', 'hex'), encoding: 'base64', secrets: ['secret'] }),
  ).toBe(false);
});

test('rejects every signature if there is no secret', () => {
  expect(verifyHmac({ message, signature: sign(''), encoding: 'base64', secrets: [] })).toBe(false);
});

test('accepts a message in parts like their concatenation', () => {
  const scheme = { signature: sign('secret'), encoding: 'base64', secrets: ['secret'] } as const;
  expect(verifyHmac({ ...scheme, message: ['{"id"', Buffer.from(':'), '', '1}'] })).toBe(true);
  expect(verifyHmac({ ...scheme, message: [':1}', '{"id"'] })).toBe(false);
  expect(verifyHmac({ ...scheme, message: [] })).toBe(false);
});

test('accepts a message if any of several signatures matches', () => {
  const scheme = { message, encoding: 'base64', secrets: ['new', 'old'] } as const;
  expect(verifyHmac({ ...scheme, signature: ['', sign('other'), sign('old')] })).toBe(true);
  expect(verifyHmac({ ...scheme, signature: [sign('other'), 'x'] })).toBe(false);
  expect(verifyHmac({ ...scheme, signature: [] })).toBe(false);
});
