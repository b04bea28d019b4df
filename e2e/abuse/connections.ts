import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** Settings of one connection per source. The connection has the name of its source. */
export const SETTINGS = {
  shopify: { shopName: 'abused' },
  linear: {},
  telegram: {},
  whatsapp: { verifyToken: 'abuse-verify-token' },
  'standard-webhooks': { events: { '*': 'somethingHappened' } },
  custom: {
    signature: {
      kind: 'hmac',
      header: 'x-signature',
      encoding: 'hex',
      signed: ['timestamp', '.', 'body'],
      timestamp: { header: 'x-timestamp' },
    },
    topic: { path: 'type' },
    idempotencyKey: { path: 'id' },
    events: { '*': { name: 'customHappened' } },
  },
} as const satisfies Record<string, object>;

export type SourceName = keyof typeof SETTINGS;
export const SOURCES = Object.keys(SETTINGS) as readonly SourceName[];

/** The bot of all connections. */
export const BOT = 'demo-bot';

/** Returns the secret of a connection: longer than a digest and not Base64, so that no scheme decodes it. */
export const secretOf = (source: SourceName): string => `abuse!secret!of!${source}!for!tests!only`;

/** The Botpress token of all connections. */
export const BOTPRESS_TOKEN = 'demo-token';

/** Tokens of the console, by role. */
export const TOKENS = { viewer: 'abuse-token-of-the-viewer', operator: 'abuse-token-of-the-operator' };
export const CONSOLE_TOKENS = `vera:viewer:${TOKENS.viewer},olga:operator:${TOKENS.operator}`;

/** Writes a connections file; `remove` deletes it. */
export async function writeConnections(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-abuse-'));
  const path = join(folder, 'connections.yaml');
  const connections = SOURCES.map((source) => ({
    id: source,
    source,
    secrets: [secretOf(source)],
    settings: SETTINGS[source],
    botpress: { botId: BOT, token: BOTPRESS_TOKEN },
    // High enough that nothing is paced: rows test incoming requests.
    limits: { eventsPerMinute: 1_000_000 },
  }));
  await writeFile(path, stringify({ connections }));
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
