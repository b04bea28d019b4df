// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to environment variables
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { isPrivateAddress } from '../url-checks.ts';
import { parseConnections } from './load-connections.ts';
import { connectionsFile, parse, problemsOf } from './test-support/connections-file.ts';

const URL = 'https://webhook.botpress.cloud/5f0c';
const fileWith = (options: string) => connectionsFile(`forward: { ${options} }`);

describe('forward', () => {
  test('derives a connection with its own id, limit and row, in the shard of the bot', () => {
    const connections = parse(fileWith(`url: ${URL}, perMinute: 60`));
    expect(connections.get('acme:forward')).toMatchObject({
      ...{ id: 'acme:forward', isForward: true, botpress: { botId: 'bot' } },
      limits: { eventsPerMinute: 60, share: 1 },
      retry: { for: 86_400_000, reconcile: false },
    });
    expect(connections.get('acme:forward')?.events.size).toBe(0);
    expect(connections.get('acme')?.forward?.url.reveal()).toBe(URL);
    expect(connections.withForwards().map(({ id }) => id)).toEqual(['acme', 'acme:forward']);
    expect(connections.all().map(({ id }) => id)).toEqual(['acme']);
    expect(connections.size).toBe(1);
  });

  test('derives nothing for a connection without it', () => {
    const connections = parse(connectionsFile());
    expect(connections.get('acme:forward')).toBeUndefined();
    expect(connections.get('acme')).not.toHaveProperty('forward');
    expect(connections.withForwards()).toHaveLength(1);
  });

  test('receives no webhooks: its id is not an address', () => {
    const webhook = { headers: {}, body: Buffer.from(''), receivedAt: 0 };
    expect(parse(fileWith(`url: ${URL}`)).find('acme:forward', webhook)).toBeUndefined();
  });

  test('sends the first secret, unless it sets another one', () => {
    const secretOf = (options: string) => parse(fileWith(options)).get('acme')?.forward?.secret.reveal();
    expect(secretOf(`url: ${URL}`)).toBe('s3cret-a');
    expect(secretOf(`url: ${URL}, secret: other`)).toBe('other');
  });

  test('shows neither URL nor secret in JSON or inspect', () => {
    const all = parse(fileWith(`url: ${URL}, secret: h1dden`)).withForwards();
    for (const shown of [JSON.stringify(all), inspect(all, { depth: 12, showHidden: true })]) {
      expect(shown).not.toMatch(/5f0c|h1dden/);
    }
  });
});

describe('the URL of a forward', () => {
  const problem = (message: string) => [`c.yaml:7:21: connections[0].forward.url ${message}.`];

  test.each([
    ['no URL', 'is not a URL'],
    ['ftp://example.com', 'is not an https:// URL'],
    ['http://example.com/x', 'is not an https:// URL; allowPrivate: true permits http://'],
    ['https://user:h1dden@example.com', 'contains a user or password'],
    ['https://example.com/#x', 'contains a fragment'],
    ['https://localhost/x', 'is a local or private address; allowPrivate: true permits it'],
    ['https://app.localhost./x', 'is a local or private address; allowPrivate: true permits it'],
    ['https://127.0.0.1/x', 'is a local or private address; allowPrivate: true permits it'],
    ['https://0x7f.1/x', 'is a local or private address; allowPrivate: true permits it'],
    ['https://169.254.169.254/x', 'is a local or private address; allowPrivate: true permits it'],
    ['https://[::1]/x', 'is a local or private address; allowPrivate: true permits it'],
    ['https://[::ffff:10.0.0.1]/x', 'is a local or private address; allowPrivate: true permits it'],
  ])('%s: %s', (url, message) => {
    const problems = problemsOf(fileWith(`url: "${url}"`));
    expect(problems.map((one) => one.split('. Expected')[0])).toEqual(
      problem(message).map((one) => one.slice(0, -1)),
    );
    expect(problems.join()).not.toContain('h1dden');
  });

  test.each([
    URL,
    'https://example.com:8443/x?key=1',
    'https://93.184.215.14/',
    'https://[2606:2800:21f::1]/',
  ])('%s is accepted', (url) => expect(problemsOf(fileWith(`url: "${url}"`))).toEqual([]));

  test('may be a variable that is unset where placeholders stand for variables', () => {
    const yaml = fileWith('url: "${URL}"');
    expect(parseConnections(yaml, 'c.yaml', { env: {}, placeholders: true }).get('acme')).toHaveProperty(
      'forward',
    );
  });

  test('may be local with allowPrivate', () => {
    expect(problemsOf(fileWith('url: "http://127.0.0.1:3005/x", allowPrivate: true'))).toEqual([]);
  });

  test('is not an address of Sluice itself', () => {
    const env = { SLUICE_PUBLIC_URL: 'https://hooks.example.com/sluice/' };
    const own = fileWith('url: "https://hooks.example.com/sluice/webhooks/other"');
    expect(problemsOf(own, env)).toEqual([
      'c.yaml:7:21: connections[0].forward.url is an address of Sluice itself (SLUICE_PUBLIC_URL). ' +
        'Use the address of the other receiver, such as the webhook URL of the integration at Botpress.',
    ]);
    expect(problemsOf(fileWith('url: "https://hooks.example.com/bot/1"'), env)).toEqual([]);
  });
});

test.each([
  ...[['10.1.2.3', true] as const, ['172.31.0.1', true] as const, ['172.32.0.1', false] as const],
  ...[['192.168.1.1', true] as const, ['100.64.0.1', true] as const, ['8.8.8.8', false] as const],
  ...[['0.0.0.0', true] as const, ['255.255.255.255', true] as const, ['::ffff:8.8.8.8', false] as const],
  ...[['::', true] as const, ['fe80::1', true] as const, ['fd00::1', true] as const],
  ...[['ff02::1', true] as const, ['2a00:1450::1', false] as const, ['::ffff:127.0.0.1', true] as const],
])('%s is private: %s', (address, expected) => expect(isPrivateAddress(address)).toBe(expected));
