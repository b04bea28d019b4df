import { createSourceRegistry, type SourceDefinition } from '@sluice/events';
import { ConfigError } from '../../config-error.ts';
import type { Connections } from '../connection.ts';
import { parseConnections } from '../load-connections.ts';

/** Creates a valid file with one connection, with additional lines for the connection. */
export function connectionsFile(...more: readonly string[]): string {
  return [
    'connections:',
    '  - id: acme',
    '    source: shopify',
    '    secrets: [s3cret-a]',
    '    settings: { shopName: acme }',
    '    botpress: { botId: bot, token: t0ken-a }',
    ...more.map((line) => `    ${line}`),
  ].join('\n');
}

/** Parses the text of a file c.yaml. */
export function parse(yaml: string, env: Record<string, string> = {}): Connections {
  return parseConnections(yaml, 'c.yaml', { env });
}

/** Returns the problems of a file c.yaml, one line each. */
export function problemsOf(
  yaml: string,
  env: Record<string, string> = {},
  sources: readonly SourceDefinition[] = [],
): readonly string[] {
  try {
    parseConnections(yaml, 'c.yaml', { env, registry: createSourceRegistry(sources) });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
