import { type Connection, createConnections, Secret } from '@sluice/config';
import { createSourceRegistry, type SourceDefinition } from '@sluice/events';
import { expect, test } from 'vitest';
import { findConnection } from './find-connection.ts';

const registry = createSourceRegistry();
const webhook = { headers: {}, body: Buffer.alloc(0), receivedAt: 0 };

const connection = (id: string, source: string, secrets: readonly string[]): Connection => ({
  id,
  source: registry.get(source) as SourceDefinition,
  secrets: secrets.map((secret) => new Secret(secret)),
  settings: {},
  events: new Map(),
  botpress: { botId: 'bot', token: new Secret('token') },
  limits: { eventsPerMinute: 600, share: 1 },
  retry: { for: 1, reconcile: true },
  onInvalid: 'quarantine',
});

const connections = createConnections([
  connection('shop', 'shopify', ['one', 'two']),
  connection('board', 'linear', ['three']),
]);

const find = (address: string) => findConnection(connections, address, webhook);

test('returns the connection of a known address', () => {
  expect(find('board')).toEqual({ known: true, connection: connections.get('board') });
});

test('an unknown address always gets the same stand-in of a configured connection, with random secrets', () => {
  const seen = new Set<string>();
  for (let index = 0; index < 200; index++) {
    const { known, connection } = find(`unknown-${index}`);
    const model = connections.get(connection.id);
    expect(known).toBe(false);
    expect(find(`unknown-${index}`).connection.id).toBe(connection.id);
    expect(connection.source).toBe(model?.source);
    expect(connection.secrets).toHaveLength(model?.secrets.length ?? 0);
    const secrets = new Set(connections.all().flatMap(({ secrets }) => secrets.map((each) => each.reveal())));
    expect(connection.secrets.some((secret) => secrets.has(secret.reveal()))).toBe(false);
    seen.add(connection.source.name);
  }
  expect(seen).toEqual(new Set(['shopify', 'linear']));
});

test('throws if no connection is configured', () => {
  expect(() => findConnection(createConnections([]), 'any', webhook)).toThrow(
    'No connections are configured.',
  );
});
