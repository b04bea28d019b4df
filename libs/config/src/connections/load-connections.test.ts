// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to environment variables
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { createSourceRegistry } from '@sluice/events';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../config-error.ts';
import { connectionsJsonSchema } from './connection-schema.ts';
import { loadConnections } from './load-connections.ts';
import { connectionsFile, parse, problemsOf } from './test-support/connections-file.ts';

const fileIn = (name: string) => fileURLToPath(new URL(`../../../../config/${name}`, import.meta.url));

describe('a valid file', () => {
  test('unless rules compare texts, and a connection without rules has none', () => {
    const rules = 'unless: [{ path: user.id, value: [7, "${BOT_USER}", true, null] }]';
    const connection = parse(connectionsFile(rules), { BOT_USER: 'u1' }).get('acme');
    expect(connection?.unless).toEqual([{ path: 'user.id', values: ['7', 'u1', 'true', null] }]);
    expect(parse(connectionsFile('unless: []')).get('acme')).not.toHaveProperty('unless');
  });

  test('results in connections with defaults', () => {
    const acme = parse(connectionsFile()).get('acme');
    expect(acme).toMatchObject({
      id: 'acme',
      settings: { shopName: 'acme' },
      fullBody: true,
      limits: { eventsPerMinute: 600, share: 1, eventBytes: 1_000_000 },
      retry: { for: 86_400_000, reconcile: true },
      onInvalid: 'quarantine',
    });
    expect(acme?.source).toBe(createSourceRegistry().get('shopify'));
    expect(acme?.secrets.map((secret) => secret.reveal())).toEqual(['s3cret-a']);
    expect(acme?.botpress.token.reveal()).toBe('t0ken-a');
    expect(Object.keys(acme?.botpress ?? {}).sort()).toEqual(['botId', 'token']);
  });

  test('may set every option', () => {
    const yaml = connectionsFile(
      'limits: { eventsPerMinute: 60, share: 2.5 }',
      'retry: { for: 90m, reconcile: false }',
      'onInvalid: reject',
    ).replace(
      'botId: bot',
      'botId: bot, integrationId: i, integrationAlias: a, apiUrl: http://127.0.0.1:3002/',
    );
    expect(parse(yaml).get('acme')).toMatchObject({
      botpress: { integrationId: 'i', integrationAlias: 'a', apiUrl: 'http://127.0.0.1:3002' },
      limits: { eventsPerMinute: 60, share: 2.5 },
      retry: { for: 5_400_000, reconcile: false },
      onInvalid: 'reject',
    });
  });

  test('share the workspace that one connection of a bot sets', () => {
    const [, ...second] = connectionsFile().replace('id: acme', 'id: two').split('\n');
    const first = connectionsFile().replace('botId: bot', 'botId: bot, workspaceId: w1');
    const connections = parse([first, ...second].join('\n'));
    expect(connections.all().map(({ botpress }) => botpress.workspaceId)).toEqual(['w1', 'w1']);
  });

  test('may be JSON with tabs and a $schema', () => {
    const json = JSON.stringify(
      {
        $schema: './connections.schema.json',
        connections: [
          {
            id: 'acme',
            source: 'shopify',
            secrets: ['${A}'],
            settings: { shopName: 'acme' },
            botpress: { botId: 'b', token: 't' },
          },
        ],
      },
      null,
      '\t',
    );
    expect(parse(json, { A: 'x' }).get('acme')?.secrets[0]?.reveal()).toBe('x');
  });

  test('may share defaults through an anchor', () => {
    const yaml = `connections:
  - &acme
    id: one
    source: shopify
    secrets: [s]
    settings: { shopName: acme }
    botpress: { botId: b, token: t }
  - <<: *acme
    id: two`;
    expect(
      parse(yaml)
        .all()
        .map(({ id }) => id),
    ).toEqual(['one', 'two']);
    expect(problemsOf(yaml.replace('id: two', 'id: one'))[0]).toContain('c.yaml:9:9: connections[1].id');
  });

  test('applies the limit that one connection of a bot sets to the others', () => {
    const named = connectionsFile('limits: { eventsPerMinute: 60 }');
    const [, ...unnamed] = connectionsFile('limits: { share: 2 }').replace('id: acme', 'id: two').split('\n');
    const [, ...elsewhere] = connectionsFile().replace('id: acme', 'id: three').split('\n');
    const file = [named, ...unnamed, ...elsewhere.map((line) => line.replace('bot, ', 'bot-2, '))].join('\n');
    expect(
      parse(file)
        .all()
        .map(({ limits }) => limits),
    ).toEqual([
      { eventsPerMinute: 60, share: 1, eventBytes: 1_000_000 },
      { eventsPerMinute: 60, share: 2, eventBytes: 1_000_000 },
      { eventsPerMinute: 600, share: 1, eventBytes: 1_000_000 },
    ]);
  });

  test('may have no connections', () => {
    expect(parse('connections: []').size).toBe(0);
  });

  test('does not expose secrets in JSON or inspect', () => {
    const shown = inspect(parse(connectionsFile()).all(), { depth: 12, showHidden: true });
    const json = JSON.stringify(parse(connectionsFile()).all());
    for (const text of [shown, json]) expect(text).not.toMatch(/s3cret-a|t0ken-a/);
    expect(json).toContain('[secret]');
  });
});

test('finds each of 5,000 connections by id and keeps their order', () => {
  const items = Array.from({ length: 5_000 }, (_, index) =>
    [
      `  - id: c-${index}`,
      '    source: shopify',
      `    secrets: ["\${SECRET}", s-${index}]`,
      `    settings: { shopName: shop-${index} }`,
      `    botpress: { botId: bot-${index}, token: token-${index} }`,
    ].join('\n'),
  );
  const connections = parse(['connections:', ...items].join('\n'), { SECRET: 'shared' });
  expect(connections.size).toBe(5_000);
  expect(connections.all()[4_321]).toBe(connections.get('c-4321'));
  expect(connections.get('c-4999')).toMatchObject({ settings: { shopName: 'shop-4999' } });
  expect(connections.get('c-77')?.secrets.map((secret) => secret.reveal())).toEqual(['shared', 's-77']);
  expect(connections.get('c-5000')).toBeUndefined();
  expect(connections.get('__proto__')).toBeUndefined();
});

describe('files', () => {
  test('a missing file is reported in one line with the remedy', () => {
    expect(() => loadConnections('/nowhere/c.yaml', { env: {} })).toThrow(
      new ConfigError('', [
        '/nowhere/c.yaml: no such connections file. Copy config/connections.example.yaml there, or set SLUICE_CONNECTIONS to your file.',
      ]),
    );
  });

  test('a folder is reported in one line', () => {
    expect(() => loadConnections(fileIn(''), { env: {} })).toThrow(/cannot be read \(EISDIR\)/);
  });

  test('connections.demo.yaml contains the fixed demo connection', () => {
    const connections = loadConnections(fileIn('connections.demo.yaml'), { env: {} });
    const demo = connections.get('demo-shopify');
    expect(demo).toMatchObject({
      source: { name: 'shopify' },
      settings: { shopName: 'demo-shop' },
      botpress: { botId: 'demo-bot', integrationId: 'demo-integration' },
    });
    expect(demo?.botpress).not.toHaveProperty('apiUrl');
    expect(demo?.secrets.map((secret) => secret.reveal())).toEqual(['shopify-demo-secret']);
    expect(demo?.botpress.token.reveal()).toBe('demo-token');
  });

  test('connections.example.yaml is valid if its variables are set', () => {
    const env = {
      ACME_SHOPIFY_SECRET: 's',
      ACME_BOT_ID: 'b',
      ACME_INTEGRATION_ID: 'i',
      ACME_BOTPRESS_TOKEN: 't',
    };
    expect(
      loadConnections(fileIn('connections.example.yaml'), { env }).get('acme-orders')?.secrets,
    ).toHaveLength(1);
  });

  test('connections.schema.json is up to date (npm run schema -w libs/config)', () => {
    const committed: unknown = JSON.parse(readFileSync(fileIn('connections.schema.json'), 'utf8'));
    expect(committed).toEqual(JSON.parse(JSON.stringify(connectionsJsonSchema())));
  });
});
