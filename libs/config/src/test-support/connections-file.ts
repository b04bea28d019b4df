import { createSourceRegistry, type SourceDefinition } from '@sluice/events';
import { ConfigError } from '../config-error.ts';
import type { Connections } from '../connection.ts';
import { parseConnections } from '../load-connections.ts';

/** A file of one right connection, with lines of the connection after its own. */
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

/** Checks the text of a file named c.yaml. */
export function parse(yaml: string, env: Record<string, string> = {}): Connections {
  return parseConnections(yaml, 'c.yaml', { env });
}

/** The lines of what is wrong with a file named c.yaml. */
export function mistakesOf(
  yaml: string,
  env: Record<string, string> = {},
  own: readonly SourceDefinition[] = [],
): readonly string[] {
  try {
    parseConnections(yaml, 'c.yaml', { env, registry: createSourceRegistry(own) });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}
