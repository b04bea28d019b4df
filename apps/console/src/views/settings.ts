import type { ConsoleSettings, Secret } from '@sluice/config';
import { z } from 'zod';

const setting = z.object({
  name: z.string().describe('of the environment variable'),
  value: z.string().describe('of a secret, whether it is set'),
  about: z.string(),
});

export const settingsSchema = z.object({
  versions: z.record(z.string(), z.string()),
  groups: z.array(z.object({ name: z.string(), settings: z.array(setting) })),
  tokens: z
    .array(z.object({ name: z.string(), role: z.enum(['viewer', 'operator']) }))
    .describe('none: everybody is operator, on loopback'),
});

type Setting = z.output<typeof setting>;

/** What the console was started with, field by field; of secrets only whether they are set. */
export function viewSettings(settings: ConsoleSettings, sluice: string): z.output<typeof settingsSchema> {
  const { redis, log, connectionsPath, host, port, publicUrl, ingestUrl, drainMs, tokens } = settings;
  return {
    versions: { Sluice: sluice, Node: process.versions.node },
    groups: [
      {
        name: 'Console',
        settings: [
          show('SLUICE_CONSOLE_HOST', host, 'address that it listens on; off loopback only with tokens'),
          show('SLUICE_CONSOLE_PORT', port, '0: any that is free'),
          show('SLUICE_CONNECTIONS', connectionsPath, 'the connections file; changes are taken over'),
          show('SLUICE_DRAIN_MS', drainMs, 'how long a shutdown waits for requests under way'),
          show('LOG_LEVEL', log.level, 'from which on lines are logged'),
          show('LOG_PRETTY', log.pretty, 'for people instead of machines; auto: on a terminal'),
        ],
      },
      {
        name: 'Ingest',
        settings: [
          show('SLUICE_PUBLIC_URL', publicUrl, 'where platforms reach ingest'),
          show('SLUICE_INGEST_URL', ingestUrl, 'where this console reaches it, for tests of connections'),
        ],
      },
      {
        name: 'Redis',
        settings: [
          show('REDIS_URL', redis.displayUrl, 'where the queue is; user and password are not shown'),
          show('SLUICE_QUEUE_PREFIX', redis.queuePrefix, 'what its keys begin with'),
          show('SLUICE_SHARDS', redis.shards, 'queues that deliveries are spread over, at least'),
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
    secret('SLUICE_NOTIFY_URL', url, 'where they are posted'),
    show('SLUICE_NOTIFY_FORMAT', format, 'as Slack and its likes take them, or JSON for programs'),
    show('SLUICE_NOTIFY_OLDEST_S', oldestSeconds, 'seconds that the oldest may wait to be taken'),
    show('SLUICE_NOTIFY_DEAD', deadLetters, 'more dead letters within ten minutes'),
    show('SLUICE_NOTIFY_MEMORY_PERCENT', memoryPercent, 'of Redis’ maxmemory'),
  ];
}

function show(name: string, value: string | number, about: string): Setting {
  return { name, value: String(value), about };
}

function secret(name: string, value: Secret | undefined, about: string): Setting {
  return { name, value: value ? 'set' : 'not set', about: `${about}; a secret` };
}
