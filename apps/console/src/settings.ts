import { readFileSync } from 'node:fs';
import { type ConsoleSettings, describeConsoleVariable, type Secret } from '@sluice/config';
import { z } from 'zod';
import { userSchema } from './schemas/common.ts';

const setting = z
  .object({
    name: z.string().describe('name of the environment variable'),
    value: z.string().describe('value; of a secret `set` or `not set`'),
    about: z.string().describe('description of the variable'),
  })
  .meta({ id: 'Setting' });

export const settingsSchema = z
  .object({
    versions: z.record(z.string(), z.string()),
    groups: z.array(z.object({ name: z.string(), settings: z.array(setting) })),
    tokens: z
      .array(userSchema)
      .describe('users with a token; empty: every user is an operator, on loopback only'),
  })
  .meta({ id: 'Settings' });

type Setting = z.output<typeof setting>;

/** Returns the settings of the console with their variables. Secrets are shown only as set or not set. */
export function viewSettings(settings: ConsoleSettings): z.output<typeof settingsSchema> {
  const { redis, log, connectionsPath, host, port, publicUrl, ingestUrl, drainMs, tokens } = settings;
  return {
    versions: { Sluice: readVersion(), Node: process.versions.node },
    groups: [
      {
        name: 'Console',
        settings: [
          show('SLUICE_CONSOLE_HOST', host),
          show('SLUICE_CONSOLE_PORT', port),
          show('SLUICE_CONNECTIONS', connectionsPath),
          show('SLUICE_DRAIN_MS', drainMs),
          show('LOG_LEVEL', log.level),
          show('LOG_PRETTY', log.pretty),
        ],
      },
      {
        name: 'Ingest',
        settings: [show('SLUICE_PUBLIC_URL', publicUrl), show('SLUICE_INGEST_URL', ingestUrl)],
      },
      {
        name: 'Redis',
        settings: [
          show('REDIS_URL', redis.displayUrl),
          show('SLUICE_QUEUE_PREFIX', redis.queuePrefix),
          show('SLUICE_SHARDS', redis.shards),
        ],
      },
      { name: 'Notifications', settings: notificationsOf(settings) },
    ],
    tokens: tokens.map(({ name, role }) => ({ name, role })),
  };
}

function notificationsOf({ notifications }: ConsoleSettings): Setting[] {
  const { url, format, oldestSeconds, deadLetters, memoryPercent } = notifications;
  return [
    secret('SLUICE_NOTIFY_URL', url),
    show('SLUICE_NOTIFY_FORMAT', format),
    show('SLUICE_NOTIFY_OLDEST_S', oldestSeconds),
    show('SLUICE_NOTIFY_DEAD', deadLetters),
    show('SLUICE_NOTIFY_MEMORY_PERCENT', memoryPercent),
  ];
}

function show(name: string, value: string | number): Setting {
  return { name, value: String(value), about: describeConsoleVariable(name) };
}

function secret(name: string, value: Secret | undefined): Setting {
  return show(name, value ? 'set' : 'not set');
}

const manifest = z.object({ version: z.string() });

function readVersion(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return manifest.parse(JSON.parse(file)).version;
}
