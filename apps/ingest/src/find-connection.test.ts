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

const standIn = (address: string) => findConnection(connections, address, webhook);

test('a known address is its connection', () => {
  expect(standIn('board')).toEqual({ known: true, connection: connections.get('board') });
});

test('an unknown one is like some connection of the file, always the same one, with secrets nobody knows', () => {
  const seen = new Set<string>();
  for (let index = 0; index < 200; index++) {
    const { known, connection } = standIn(`unknown-${index}`);
    const model = connections.get(connection.id);
    expect(known).toBe(false);
    expect(standIn(`unknown-${index}`).connection.id).toBe(connection.id);
    expect(connection.source).toBe(model?.source);
    expect(connection.secrets).toHaveLength(model?.secrets.length ?? 0);
    const secrets = new Set(connections.all().flatMap(({ secrets }) => secrets.map((each) => each.reveal())));
    expect(connection.secrets.some((secret) => secrets.has(secret.reveal()))).toBe(false);
    seen.add(connection.source.name);
  }
  expect(seen).toEqual(new Set(['shopify', 'linear']));
});

test('without connections there is nothing to stand in', () => {
  expect(() => findConnection(createConnections([]), 'any', webhook)).toThrow('there are no connections');
});
