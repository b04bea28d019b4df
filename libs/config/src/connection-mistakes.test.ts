// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to the environment look like that
import { describe, expect, test } from 'vitest';
import { connectionsFile, mistakesOf } from './test-support/connections-file.ts';

const ID_RULE =
  '1 to 63 lower case letters, digits and dashes, not beginning with a dash; part of the address';
const SECRETS_RULE =
  'list of what the platform signs with, any of which verifies; empty entries are left out';
const TOKEN_RULE = 'access token of Botpress, best as ${NAME} of an environment variable';

describe('mistakes in values', () => {
  test.each([
    ['an id in capitals', 'id: acme', 'id: Acme', `2:9  connections[0].id  is not a usable id  — ${ID_RULE}`],
    [
      'a long id',
      'id: acme',
      `id: ${'a'.repeat(64)}`,
      `2:9  connections[0].id  is not a usable id  — ${ID_RULE}`,
    ],
    [
      'a number for an id',
      'id: acme',
      'id: 7',
      '2:9  connections[0].id  should be text, not a number  — put it in quotes',
    ],
    [
      'nothing for an id',
      'id: acme',
      'id:',
      `2:5  connections[0].id  should be text, not nothing  — ${ID_RULE}`,
    ],
    [
      'a source with a slip',
      'shopify',
      'shopfy',
      '3:13  connections[0].source  unknown source "shopfy"  — did you mean "shopify"? known: shopify',
    ],
    [
      'a strange source',
      'shopify',
      'fax',
      '3:13  connections[0].source  unknown source "fax"  — known: shopify',
    ],
    [
      'one secret for a list',
      '[s3cret-a]',
      's3cret-a',
      `4:14  connections[0].secrets  should be a list, not text  — ${SECRETS_RULE}`,
    ],
    ['no secrets', '[s3cret-a]', '[]', `4:14  connections[0].secrets  is empty  — ${SECRETS_RULE}`],
    [
      'a number for a secret',
      's3cret-a',
      '12345',
      '4:15  connections[0].secrets[0]  should be text, not a number  — put it in quotes',
    ],
    [
      'a secret with a line break',
      '[s3cret-a]',
      '["s3cret-a\\n"]',
      '4:15  connections[0].secrets[0]  begins or ends with white space or a line break',
    ],
    [
      'a slip in settings',
      'shopName',
      'shopname',
      '5:17  connections[0].settings  unknown key "shopname"  — did you mean "shopName"?',
    ],
    [
      'an empty setting',
      'shopName: acme',
      'shopName: ""',
      '5:27  connections[0].settings.shopName  is empty  — name of the shop, included in every event',
    ],
    [
      'a token with a space',
      't0ken-a',
      '"t0ken a"',
      `6:36  connections[0].botpress.token  has spaces, line breaks or letters outside ASCII in it  — ${TOKEN_RULE}`,
    ],
    [
      'a slip in a key',
      'token: t0ken-a',
      'token: t0ken-a, botID: b',
      '6:45  connections[0].botpress  unknown key "botID"  — did you mean "botId"?',
    ],
    [
      'an address without http',
      'botId: bot',
      'botId: bot, apiUrl: api.example',
      '6:37  connections[0].botpress.apiUrl  is not an address  — http:// or https:// address of the Botpress API; without it BOTPRESS_API_URL',
    ],
    [
      'an address with a password',
      'botId: bot',
      'botId: bot, apiUrl: "https://u:hunter2@api"',
      '6:37  connections[0].botpress.apiUrl  has a user or password in it  — http:// or https:// address of the Botpress API; without it BOTPRESS_API_URL',
    ],
  ])('%s', (_, right, wrong, expected) => {
    const mistakes = mistakesOf(connectionsFile().replace(right, wrong));
    expect(mistakes.join('\n')).toContain(`c.yaml:${expected}`);
    expect(mistakes.join('\n')).not.toMatch(/s3cret|t0ken|hunter2/);
  });

  const FOR_RULE =
    'how long a delivery is tried, from 1m to 30d: a whole number and ms, s, m, h or d, like 24h';
  const RECONCILE_RULE =
    'whether an attempt whose answer was lost is looked up at Botpress before it is sent again; false is faster and may double events';
  const RATE_RULE =
    'events a minute that the bot takes, a whole number from 1 to 1000000; Botpress allows 600. Connections of the bot that do not name it follow one that does';

  test.each([
    ['retry: { for: 24 hours }', `7:19  connections[0].retry.for  is not a duration  — ${FOR_RULE}`],
    ['retry: { for: 59s }', `7:19  connections[0].retry.for  is out of range  — ${FOR_RULE}`],
    ['retry: { for: 31d }', `7:19  connections[0].retry.for  is out of range  — ${FOR_RULE}`],
    [
      'retry: { for: 60 }',
      '7:19  connections[0].retry.for  should be text, not a number  — put it in quotes',
    ],
    [
      'retry: 24h',
      '7:12  connections[0].retry  should be a mapping, not text  — how deliveries are tried again',
    ],
    [
      'limits: { eventsPerMinute: 0 }',
      `7:32  connections[0].limits.eventsPerMinute  should be at least 1  — ${RATE_RULE}`,
    ],
    [
      'limits: { eventsPerMinute: 1.5 }',
      `7:32  connections[0].limits.eventsPerMinute  should be a whole number, not a fraction  — ${RATE_RULE}`,
    ],
    [
      'limits: { eventsPerMinute: "600" }',
      `7:32  connections[0].limits.eventsPerMinute  should be a number, not text  — ${RATE_RULE}`,
    ],
    [
      'limits: { share: 1001 }',
      '7:22  connections[0].limits.share  should be at most 1000  — weight against other connections of the same bot, from 0.01 to 1000',
    ],
    [
      'retry: { reconcile: "no" }',
      `7:25  connections[0].retry.reconcile  should be true or false, not text  — ${RECONCILE_RULE}`,
    ],
    [
      'onInvalid: drop',
      '7:16  connections[0].onInvalid  should be one of quarantine, reject  — what becomes of an authentic webhook whose input does not fit: quarantine keeps it as a dead letter, reject answers 422',
    ],
    ['secret: x', '7:5  connections[0]  unknown key "secret"  — did you mean "secrets"?'],
    [
      'fax: x',
      '7:5  connections[0]  unknown key "fax"  — known here: id, source, secrets, settings, topics, botpress, limits, retry, onInvalid',
    ],
  ])('%s', (line, expected) => {
    expect(mistakesOf(connectionsFile(line))).toEqual([`c.yaml:${expected}`]);
  });

  test('what is missing is placed at what it is missing from', () => {
    expect(mistakesOf('connections:\n  - id: a\n    source: shopify\n    botpress:\n      botId: b')).toEqual(
      [
        `c.yaml:2:5  connections[0].secrets  is missing  — ${SECRETS_RULE}`,
        'c.yaml:2:5  connections[0].settings.shopName  is missing  — name of the shop, included in every event',
        `c.yaml:4:5  connections[0].botpress.token  is missing  — ${TOKEN_RULE}`,
      ],
    );
  });

  test('a second connection of the same id', () => {
    const twice = `${connectionsFile()}\n${connectionsFile().split('\n').slice(1).join('\n')}`;
    expect(mistakesOf(twice)).toEqual([
      'c.yaml:7:9  connections[1].id  the id "acme" is taken by connections[0]  — give each connection its own id',
    ]);
  });

  test('a second connection of the same account, however it is written', () => {
    const of = (id: string, shopDomain: string) =>
      connectionsFile()
        .replace('id: acme', `id: ${id}`)
        .replace('shopName: acme', `shopName: acme, shopDomain: ${shopDomain}`)
        .split('\n');
    const [first = '', ...one] = of('one', 'acme.myshopify.com');
    const file = (...more: string[]) => [first, ...one, ...more].join('\n');
    expect(mistakesOf(file(...of('two', 'Acme.myshopify.com').slice(1)))).toEqual([
      "c.yaml:10:15  connections[1].settings  connections[0] takes the same account's webhooks at /webhooks/shopify  — leave the account out of one of them; its own address is /webhooks/<its id>",
    ]);
    expect(mistakesOf(file(...of('two', 'other.myshopify.com').slice(1)))).toEqual([]);
    expect(mistakesOf(file(...connectionsFile().split('\n').slice(1)))).toEqual([]);
  });

  test('two limits for one bot', () => {
    const [head = '', ...first] = connectionsFile('limits: { eventsPerMinute: 60 }').split('\n');
    const second = (line: string) =>
      connectionsFile(line).replace('id: acme', 'id: other').split('\n').slice(1);
    const file = (line: string) => [head, ...first, ...second(line)].join('\n');
    expect(mistakesOf(file('limits: { eventsPerMinute: 600 }'))).toEqual([
      "c.yaml:13:32  connections[1].limits.eventsPerMinute  is 600, but connections[0] gives the same bot 60  — the limit is the bot's: name the same one, or name it in one connection only",
    ]);
    expect(mistakesOf(file('limits: { eventsPerMinute: 60 }'))).toEqual([]);
    expect(mistakesOf(file('limits: { share: 2 }'))).toEqual([]);
    expect(mistakesOf(file('limits: { eventsPerMinute: 600 }').replace('bot, ', 'bot-2, '))).toEqual([]);
  });

  test('a file of another shape', () => {
    expect(mistakesOf('conections: []')).toEqual([
      'c.yaml:1:1  connections  is missing  — list of connections',
      'c.yaml:1:1  unknown key "conections"  — did you mean "connections"?',
    ]);
    expect(mistakesOf('connections:')).toEqual([
      'c.yaml:1:1  connections  should be a list, not nothing  — list of connections',
    ]);
    expect(mistakesOf('- id: a')).toEqual(['c.yaml:1:1  should be a mapping, not a list']);
    expect(mistakesOf('connections: [7]')).toEqual([
      'c.yaml:1:15  connections[0]  should be a mapping, not a number',
    ]);
    expect(mistakesOf('# nothing yet\n')).toEqual([
      'c.yaml:1:1  the file is empty  — begin with "connections:", see config/connections.example.yaml',
    ]);
  });

  test('an alias that contains itself', () => {
    expect(mistakesOf('connections: &c [*c]')).toEqual([
      'c.yaml:1:18  connections[0]  refers to itself  — remove the alias',
    ]);
  });

  test('fifty are shown, the rest counted', () => {
    const items = Array.from(
      { length: 120 },
      (_, index) => `  - { id: c${index}, source: fax, secrets: [s3cret-a] }`,
    );
    const mistakes = mistakesOf(['connections:', ...items].join('\n'));
    expect(mistakes).toHaveLength(51);
    expect(mistakes[50]).toBe('… and 190 more');
  });
});
