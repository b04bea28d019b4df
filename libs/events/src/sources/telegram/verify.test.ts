import { expect, test } from 'vitest';
import { telegramSamples } from './samples.ts';
import { telegram } from './telegram.ts';

const SECRET = 'A-secret_token-0123456789';

function verify(token: string | undefined, secrets: readonly string[] = [SECRET]) {
  const headers = token === undefined ? {} : { 'x-telegram-bot-api-secret-token': token };
  return telegram.verify({ headers, body: Buffer.from('{}'), receivedAt: 0 }, { secrets, settings: {} });
}

test('verifyTelegram accepts a token equal to any of the secrets', () => {
  expect(verify(SECRET)).toEqual({ ok: true });
  expect(verify('old', ['new', 'old'])).toEqual({ ok: true });
  expect(verify('new', ['new', 'old'])).toEqual({ ok: true });
});

test.each([
  ['another secret', 'other'],
  ['the beginning of the secret', SECRET.slice(0, -1)],
  ['too long', `${SECRET}x`],
  ['in lower case', SECRET.toLowerCase()],
  ['sent twice', `${SECRET}, ${SECRET}`],
  ['with a space', ` ${SECRET}`],
  ['not ASCII', `${SECRET}é`],
  ['10 kB long', SECRET.repeat(400)],
])('verifyTelegram rejects a token that is %s', (_name, token) => {
  expect(verify(token)).toEqual({ ok: false, why: 'secret token does not match' });
});

test('verifyTelegram rejects a webhook without a token, also with an empty secret', () => {
  const why = 'no X-Telegram-Bot-Api-Secret-Token header';
  expect(verify(undefined)).toEqual({ ok: false, why });
  expect(verify('')).toEqual({ ok: false, why });
  expect(verify('', [''])).toEqual({ ok: false, why });
  expect(verify(undefined, ['', SECRET])).toEqual({ ok: false, why });
  expect(verify(SECRET, [])).toMatchObject({ ok: false });
});

test('Telegram gets an empty response, and the token is not stored', () => {
  const { headers } = telegramSamples.sign({ headers: {}, body: '{}' }, SECRET);
  expect(telegram.reply).toBe('empty');
  expect(telegram.keepHeaders.filter((name) => name in headers)).toEqual([]);
});
