// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to environment variables
import { describe, expect, test } from 'vitest';
import { connectionsFile, problemsOf } from './test-support/connections-file.ts';

const ID_RULE =
  'id and address of the connection: 1 to 63 lower-case letters, digits and dashes, not starting with a dash';
const SECRETS_RULE = 'signing secrets of the platform, each of which verifies; empty entries are ignored';
const TOKEN_RULE = 'access token for Botpress, preferably ${NAME} of an environment variable';

describe('diagnostics', () => {
  test.each([
    [
      'an id in capitals',
      'id: acme',
      'id: Acme',
      `2:9: connections[0].id is not a valid id. Expected: ${ID_RULE}.`,
    ],
    [
      'a long id',
      'id: acme',
      `id: ${'a'.repeat(64)}`,
      `2:9: connections[0].id is not a valid id. Expected: ${ID_RULE}.`,
    ],
    [
      'a number for an id',
      'id: acme',
      'id: 7',
      '2:9: connections[0].id must be text, not a number. Put it in quotes.',
    ],
    [
      'an empty id',
      'id: acme',
      'id:',
      `2:5: connections[0].id must be text, not empty. Expected: ${ID_RULE}.`,
    ],
    [
      'a misspelled source',
      'shopify',
      'shopfy',
      '3:13: connections[0].source is the unknown source "shopfy". Did you mean "shopify"? Known: shopify',
    ],
    [
      'an unknown source',
      'shopify',
      'fax',
      '3:13: connections[0].source is the unknown source "fax". Known: shopify',
    ],
    [
      'a secret instead of a list',
      '[s3cret-a]',
      's3cret-a',
      `4:14: connections[0].secrets must be a list, not text. Expected: ${SECRETS_RULE}.`,
    ],
    ['no secrets', '[s3cret-a]', '[]', `4:14: connections[0].secrets is empty. Expected: ${SECRETS_RULE}.`],
    [
      'a number for a secret',
      's3cret-a',
      '12345',
      '4:15: connections[0].secrets[0] must be text, not a number. Put it in quotes.',
    ],
    [
      'a secret with a line break',
      '[s3cret-a]',
      '["s3cret-a\\n"]',
      '4:15: connections[0].secrets[0] begins or ends with whitespace or a line break',
    ],
    [
      'a misspelled setting',
      'shopName',
      'shopname',
      '5:17: connections[0].settings has the unknown key "shopname". Did you mean "shopName"?',
    ],
    [
      'an empty setting',
      'shopName: acme',
      'shopName: ""',
      '5:27: connections[0].settings.shopName is empty. Expected: name of the shop, included in every event.',
    ],
    [
      'a token with a space',
      't0ken-a',
      '"t0ken a"',
      `6:36: connections[0].botpress.token contains spaces, line breaks or non-ASCII characters. Expected: ${TOKEN_RULE}.`,
    ],
    [
      'a misspelled key',
      'token: t0ken-a',
      'token: t0ken-a, botID: b',
      '6:45: connections[0].botpress has the unknown key "botID". Did you mean "botId"?',
    ],
    [
      'a URL without a scheme',
      'botId: bot',
      'botId: bot, apiUrl: api.example',
      '6:37: connections[0].botpress.apiUrl is not a URL. Expected: http:// or https:// base URL of the Botpress API; without it BOTPRESS_API_URL.',
    ],
    [
      'a URL with a password',
      'botId: bot',
      'botId: bot, apiUrl: "https://u:hunter2@api"',
      '6:37: connections[0].botpress.apiUrl contains a user or password. Expected: http:// or https:// base URL of the Botpress API; without it BOTPRESS_API_URL.',
    ],
  ])('%s', (_, valid, invalid, expected) => {
    const problems = problemsOf(connectionsFile().replace(valid, invalid));
    expect(problems.join('\n')).toContain(`c.yaml:${expected}`);
    expect(problems.join('\n')).not.toMatch(/s3cret|t0ken|hunter2/);
  });

  const FOR_RULE =
    'time during which a delivery is retried, from 1m to 30d: a whole number and ms, s, m, h or d';
  const RECONCILE_RULE =
    'whether the event is looked up in Botpress before it is sent again after a lost response; false is faster and may duplicate events';
  const RATE_RULE =
    'rate limit of the bot, a whole number from 1 to 1000000; Botpress allows 600. Connections of a bot without it use the limit of one that has it';

  test.each([
    ['retry: { for: 24 hours }', `7:19: connections[0].retry.for is not a duration. Expected: ${FOR_RULE}.`],
    ['retry: { for: 59s }', `7:19: connections[0].retry.for is out of range. Expected: ${FOR_RULE}.`],
    ['retry: { for: 31d }', `7:19: connections[0].retry.for is out of range. Expected: ${FOR_RULE}.`],
    ['retry: { for: 60 }', '7:19: connections[0].retry.for must be text, not a number. Put it in quotes.'],
    [
      'retry: 24h',
      '7:12: connections[0].retry must be a mapping, not text. Expected: retries of deliveries.',
    ],
    [
      'limits: { eventsPerMinute: 0 }',
      `7:32: connections[0].limits.eventsPerMinute must be at least 1. Expected: ${RATE_RULE}.`,
    ],
    [
      'limits: { eventsPerMinute: 1.5 }',
      `7:32: connections[0].limits.eventsPerMinute must be a whole number, not a fraction. Expected: ${RATE_RULE}.`,
    ],
    [
      'limits: { eventsPerMinute: "600" }',
      `7:32: connections[0].limits.eventsPerMinute must be a number, not text. Expected: ${RATE_RULE}.`,
    ],
    [
      'limits: { share: 1001 }',
      '7:22: connections[0].limits.share must be at most 1000. Expected: weight relative to other connections of the bot, from 0.01 to 1000.',
    ],
    [
      'retry: { reconcile: "no" }',
      `7:25: connections[0].retry.reconcile must be true or false, not text. Expected: ${RECONCILE_RULE}.`,
    ],
    [
      'onInvalid: drop',
      '7:16: connections[0].onInvalid must be one of quarantine, reject. Expected: handling of verified webhooks with invalid input: quarantine stores a dead letter, reject responds with 422.',
    ],
    ['secret: x', '7:5: connections[0] has the unknown key "secret". Did you mean "secrets"?'],
    [
      'fax: x',
      '7:5: connections[0] has the unknown key "fax". Known keys: id, source, secrets, settings, topics, unless, fullBody, botpress, link, limits, retry, onInvalid, forward.',
    ],
  ])('%s', (line, expected) => {
    expect(problemsOf(connectionsFile(line))).toEqual([`c.yaml:${expected}`]);
  });

  test('a missing key has the position of its parent', () => {
    expect(problemsOf('connections:\n  - id: a\n    source: shopify\n    botpress:\n      botId: b')).toEqual(
      [
        `c.yaml:2:5: connections[0].secrets is missing. Expected: ${SECRETS_RULE}.`,
        'c.yaml:2:5: connections[0].settings.shopName is missing. Expected: name of the shop, included in every event.',
        `c.yaml:4:5: connections[0].botpress.token is missing. Expected: ${TOKEN_RULE}.`,
      ],
    );
  });

  test('a duplicate id', () => {
    const twice = `${connectionsFile()}\n${connectionsFile().split('\n').slice(1).join('\n')}`;
    expect(problemsOf(twice)).toEqual([
      'c.yaml:7:9: connections[1].id repeats the id "acme" of connections[0]. Give each connection its own id.',
    ]);
  });

  test('a duplicate account, in any spelling', () => {
    const of = (id: string, shopDomain: string) =>
      connectionsFile()
        .replace('id: acme', `id: ${id}`)
        .replace('shopName: acme', `shopName: acme, shopDomain: ${shopDomain}`)
        .split('\n');
    const [first = '', ...one] = of('one', 'acme.myshopify.com');
    const file = (...more: string[]) => [first, ...one, ...more].join('\n');
    expect(problemsOf(file(...of('two', 'Acme.myshopify.com').slice(1)))).toEqual([
      'c.yaml:10:15: connections[1].settings name the same account as connections[0], whose webhooks arrive at /webhooks/shopify. Remove the account from one of them, which keeps its own address /webhooks/<id>.',
    ]);
    expect(problemsOf(file(...of('two', 'other.myshopify.com').slice(1)))).toEqual([]);
    expect(problemsOf(file(...connectionsFile().split('\n').slice(1)))).toEqual([]);
  });

  test.each([
    [
      '{ path: a..b, value: x }',
      'unless[0].path is not a path like data.object.id or items.0.id. Expected: path of a field in the body of a delivery, like data.user.id or items.0.id.',
    ],
    ['{ path: $, value: x }', 'unless[0].path must name a field, because $ is the whole body.'],
    ['{ path: a }', 'unless[0].value is missing. Expected: value that the field must have'],
    ['{ path: a, value: { b: 1 } }', 'unless[0].value must be text, a number, true, false, null or a list'],
    ['{ path: a, value: 820982911946154508 }', 'unless[0].value is beyond 2^53, where numbers are rounded'],
    ['{ path: a, value: x, vale: y }', 'unless[0] has the unknown key "vale". Did you mean "value"?'],
  ])('the unless rule %s', (rule, problem) => {
    expect(problemsOf(connectionsFile(`unless: [${rule}]`))).toEqual([
      expect.stringContaining(`connections[0].${problem}`),
    ]);
  });

  test.each([
    ['fullBody: all', 'fullBody must be'],
    ['fullBody: []', 'fullBody is empty: use fullBody: false'],
    ['fullBody: [$]', 'fullBody[0] is the whole body: use fullBody: true'],
    ['fullBody: [customer..email]', 'fullBody[0] is not a path like'],
    ['limits: { eventBytes: 9999 }', 'limits.eventBytes must be at least 10000'],
    ['limits: { eventBytes: 1 MB }', 'limits.eventBytes must be a number'],
  ])('the size of events: %s', (line, problem) => {
    expect(problemsOf(connectionsFile(line))).toEqual([expect.stringContaining(`connections[0].${problem}`)]);
  });

  test.each([
    ['link: yes', 'link must be true or a mapping'],
    ['link: true', 'link has no defaults for the source shopify. Name channel and the tags'],
    ['link: { conversation: { email: email } }', 'link.channel is missing. Name the channel'],
    [
      'link: { channel: order, conversation: { email: email } }',
      'link requires an integration, which owns the conversations. Set botpress.integrationId',
    ],
    ['link: { conversation: { email: $ } }', 'link.conversation.email must name a field'],
    [
      'link: { conversation: { email: { path: email, format: mail } } }',
      'link.conversation.email.format must be one of text, email',
    ],
    ['link: { conversation: {} }', 'link.conversation is empty'],
    ['link: { chanel: order }', 'link has the unknown key "chanel". Did you mean "channel"?'],
  ])('the setting %s', (line, problem) => {
    expect(problemsOf(connectionsFile(line))).toEqual([expect.stringContaining(`connections[0].${problem}`)]);
  });

  test('a token of link without the integration that requires it', () => {
    const file = connectionsFile('link: { channel: c, user: { email: email }, token: t0ken-b }');
    expect(problemsOf(file.replace('botId: bot', 'botId: bot, integrationId: int'))).toEqual([
      expect.stringContaining('connections[0].link.token is unused. Remove it'),
    ]);
  });

  test('an actor that Sluice cannot know', () => {
    const file = connectionsFile()
      .replace('shopify', 'linear')
      .replace('shopName: acme', 'ignoreActors: [self]');
    expect(problemsOf(file)).toEqual([
      expect.stringContaining('settings.ignoreActors[0] is not an id: Sluice cannot ask Linear'),
    ]);
  });

  test('different limits for one bot', () => {
    const [head = '', ...first] = connectionsFile('limits: { eventsPerMinute: 60 }').split('\n');
    const second = (line: string) =>
      connectionsFile(line).replace('id: acme', 'id: other').split('\n').slice(1);
    const file = (line: string) => [head, ...first, ...second(line)].join('\n');
    expect(problemsOf(file('limits: { eventsPerMinute: 600 }'))).toEqual([
      'c.yaml:13:32: connections[1].limits.eventsPerMinute is 600, but connections[0] sets 60 for the same bot. Set the same limit in both, or only in one of them.',
    ]);
    expect(problemsOf(file('limits: { eventsPerMinute: 60 }'))).toEqual([]);
    expect(problemsOf(file('limits: { share: 2 }'))).toEqual([]);
    expect(problemsOf(file('limits: { eventsPerMinute: 600 }').replace('bot, ', 'bot-2, '))).toEqual([]);
  });

  test('different workspaces for one bot, and bots without one beside bots with one', () => {
    const [head = '', ...first] = connectionsFile().split('\n');
    const second = connectionsFile().replace('id: acme', 'id: other').split('\n').slice(1);
    const withWorkspace = (lines: readonly string[], workspace: string, bot = 'bot') =>
      lines.map((line) => line.replace('botId: bot,', `botId: ${bot}, workspaceId: ${workspace},`));
    const file = (...lines: readonly string[]) => [head, ...lines].join('\n');
    expect(problemsOf(file(...withWorkspace(first, 'w1'), ...withWorkspace(second, 'w2')))).toEqual([
      'c.yaml:11:42: connections[1].botpress.workspaceId differs from that of connections[0], which has the same bot. Set the same workspace in both, or only in one of them.',
    ]);
    const other = second.map((line) => line.replace('botId: bot,', 'botId: bot-2,'));
    expect(problemsOf(file(...withWorkspace(first, 'w1'), ...other))).toEqual([
      'c.yaml:11:15: connections[1].botpress has no workspaceId, but connections[0] at the same API URL has one. Set workspaceId in all connections of an API URL or in none.',
    ]);
    const elsewhere = other.map((line) => line.replace('token:', 'apiUrl: http://127.0.0.1:1, token:'));
    expect(problemsOf(file(...withWorkspace(first, 'w1'), ...elsewhere))).toEqual([]);
    expect(problemsOf(file(...withWorkspace(first, 'w1'), ...withWorkspace(second, 'w2', 'bot-2')))).toEqual(
      [],
    );
  });

  test('a file with another structure', () => {
    expect(problemsOf('conections: []')).toEqual([
      'c.yaml:1:1: connections is missing. Expected: list of connections.',
      'c.yaml:1:1: the file has the unknown key "conections". Did you mean "connections"?',
    ]);
    expect(problemsOf('connections:')).toEqual([
      'c.yaml:1:1: connections must be a list, not empty. Expected: list of connections.',
    ]);
    expect(problemsOf('- id: a')).toEqual(['c.yaml:1:1: the file must be a mapping, not a list.']);
    expect(problemsOf('connections: [7]')).toEqual([
      'c.yaml:1:15: connections[0] must be a mapping, not a number.',
    ]);
    expect(problemsOf('# nothing yet\n')).toEqual([
      'c.yaml:1:1: the file is empty. Begin with "connections:", as in config/connections.example.yaml.',
    ]);
  });

  test('an alias that contains itself', () => {
    expect(problemsOf('connections: &c [*c]')).toEqual([
      'c.yaml:1:18: connections[0] refers to itself. Remove the alias.',
    ]);
  });

  test('lists at most fifty and counts the rest', () => {
    const items = Array.from(
      { length: 120 },
      (_, index) => `  - { id: c${index}, source: fax, secrets: [s3cret-a] }`,
    );
    const problems = problemsOf(['connections:', ...items].join('\n'));
    expect(problems).toHaveLength(51);
    expect(problems[50]).toBe('… and 190 more');
  });
});
