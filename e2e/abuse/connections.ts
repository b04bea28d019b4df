import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** One connection of every source, each under its source's name. */
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

/** The bot of all of them. */
export const BOT = 'demo-bot';

/** The secret of a connection. Longer than a digest and no base64, so that no scheme reads it another way. */
export const secretOf = (source: SourceName): string => `abuse!secret!of!${source}!which!nobody!knows`;

/** What the worker signs in at Botpress with, for all of them. */
export const BOTPRESS_TOKEN = 'demo-token';

/** Tokens of the console. */
export const TOKENS = { viewer: 'abuse-token-of-the-viewer', operator: 'abuse-token-of-the-operator' };
export const CONSOLE_TOKENS = `vera:viewer:${TOKENS.viewer},olga:operator:${TOKENS.operator}`;

/** Writes a connections file for the rows; `remove` deletes it. */
export async function writeConnections(): Promise<{ path: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-abuse-'));
  const path = join(folder, 'connections.yaml');
  const connections = SOURCES.map((source) => ({
    id: source,
    source,
    secrets: [secretOf(source)],
    settings: SETTINGS[source],
    botpress: { botId: BOT, token: BOTPRESS_TOKEN },
    // So many that nothing is paced: rows are about what comes in.
    limits: { eventsPerMinute: 1_000_000 },
  }));
  await writeFile(path, stringify({ connections }));
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
