import { expect, test } from 'vitest';
import { whatsappSettings } from './settings.ts';
import { answerHandshake } from './verify.ts';

const TOKEN = 'verify-token-ü';
const SECRET = 'app-secret';
const right = { 'hub.mode': 'subscribe', 'hub.verify_token': TOKEN, 'hub.challenge': '1158201444' };

const answer = (query: Readonly<Record<string, string>>, settings: object = { verifyToken: TOKEN }) =>
  answerHandshake(query, { secrets: [SECRET], settings: whatsappSettings.parse(settings) });

test('answerHandshake returns the challenge for the right verify token', () => {
  expect(answer(right)).toEqual({ ok: true, challenge: '1158201444' });
  expect(answer({ ...right, 'hub.challenge': 'a-b_c.D~9' })).toEqual({ ok: true, challenge: 'a-b_c.D~9' });
});

test.each<[string, Record<string, string>]>([
  ['another token', { ...right, 'hub.verify_token': 'another' }],
  ['the beginning of the token', { ...right, 'hub.verify_token': TOKEN.slice(0, -1) }],
  ['a longer token', { ...right, 'hub.verify_token': `${TOKEN}x` }],
  ['the app secret', { ...right, 'hub.verify_token': SECRET }],
  ['an empty token', { ...right, 'hub.verify_token': '' }],
  ['no token', { 'hub.mode': 'subscribe', 'hub.challenge': '1' }],
  ['another mode', { ...right, 'hub.mode': 'unsubscribe' }],
  ['no mode', { 'hub.verify_token': TOKEN, 'hub.challenge': '1' }],
  ['no challenge', { 'hub.mode': 'subscribe', 'hub.verify_token': TOKEN }],
  ['an empty challenge', { ...right, 'hub.challenge': '' }],
  ['markup', { ...right, 'hub.challenge': '<script>alert(1)</script>' }],
  ['a line break', { ...right, 'hub.challenge': '1\n' }],
  ['129 digits', { ...right, 'hub.challenge': '1'.repeat(129) }],
  ['an empty query', {}],
])('answerHandshake rejects %s', (_name, query) => {
  expect(answer(query)).toEqual({ ok: false });
});

test.each(['', TOKEN, 'undefined', SECRET])(
  'answerHandshake rejects the token %j if the connection has no verify token',
  (token) => {
    expect(answer({ ...right, 'hub.verify_token': token }, {})).toEqual({ ok: false });
  },
);

test.each([{ verifyToken: '' }, { verifyToken: 1 }, { verifytoken: TOKEN }, null, 'x'])(
  'the WhatsApp settings %j are rejected',
  (settings) => {
    expect(whatsappSettings.safeParse(settings).success).toBe(false);
  },
);
