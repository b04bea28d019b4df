import { expect, test } from 'vitest';
import { telegramSamples } from './samples.ts';
import { telegram } from './telegram.ts';

const SECRET = 'A-secret_token-0123456789';

function verify(token: string | undefined, secrets: readonly string[] = [SECRET]) {
  const headers = token === undefined ? {} : { 'x-telegram-bot-api-secret-token': token };
  return telegram.verify({ headers, body: Buffer.from('{}'), receivedAt: 0 }, { secrets, settings: {} });
}

test('takes the token of any of the secrets', () => {
  expect(verify(SECRET)).toEqual({ ok: true });
  expect(verify('old', ['new', 'old'])).toEqual({ ok: true });
  expect(verify('new', ['new', 'old'])).toEqual({ ok: true });
});

test.each([
  ['another', 'other'],
  ['a beginning', SECRET.slice(0, -1)],
  ['too long', `${SECRET}x`],
  ['in other letters', SECRET.toLowerCase()],
  ['sent twice', `${SECRET}, ${SECRET}`],
  ['with a space', ` ${SECRET}`],
  ['not ASCII', `${SECRET}é`],
  ['10 kB', SECRET.repeat(400)],
])('refuses a token that is %s', (_name, token) => {
  expect(verify(token)).toEqual({ ok: false, why: 'secret token does not match' });
});

test('refuses what has no token, also where a secret is empty', () => {
  const why = 'no X-Telegram-Bot-Api-Secret-Token header';
  expect(verify(undefined)).toEqual({ ok: false, why });
  expect(verify('')).toEqual({ ok: false, why });
  expect(verify('', [''])).toEqual({ ok: false, why });
  expect(verify(undefined, ['', SECRET])).toEqual({ ok: false, why });
  expect(verify(SECRET, [])).toMatchObject({ ok: false });
});

test('the reply is empty, and the secret is not kept', () => {
  const { headers } = telegramSamples.sign({ headers: {}, body: '{}' }, SECRET);
  expect(telegram.reply).toBe('empty');
  expect(telegram.keepHeaders.filter((name) => name in headers)).toEqual([]);
});
