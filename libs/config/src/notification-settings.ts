import type { EnvironmentReader } from './environment-reader.ts';
import { isLoopback } from './is-loopback.ts';
import { parseUrl } from './parse-url.ts';
import { upTo } from './ranges.ts';
import { Secret } from './secret.ts';

export interface NotificationSettings {
  /** Where notifications are posted; undefined: nowhere. Whoever knows it may write there, so it is a Secret. */
  readonly url: Secret | undefined;
  readonly format: 'slack' | 'json';
  /** Seconds that the oldest may wait to be taken. */
  readonly oldestSeconds: number;
  /** Dead letters in ten minutes. */
  readonly deadLetters: number;
  /** Of Redis' maxmemory. */
  readonly memoryPercent: number;
}

const DAY = 86_400;

/** Reads SLUICE_NOTIFY_*, as a part of the console's settings. */
export function notificationSettings(reader: EnvironmentReader): NotificationSettings {
  const url = reader.text('SLUICE_NOTIFY_URL', {
    default: '',
    problem: (text) => (text === '' ? undefined : urlProblem(text)),
    wanted: 'the https:// address of a webhook (http:// on this machine only)',
  });
  return {
    url: url === '' ? undefined : new Secret(url),
    format: reader.choice('SLUICE_NOTIFY_FORMAT', ['slack', 'json'], 'slack'),
    oldestSeconds: reader.integer('SLUICE_NOTIFY_OLDEST_S', upTo(DAY, 300, 's')),
    deadLetters: reader.integer('SLUICE_NOTIFY_DEAD', upTo(1_000_000, 50, 'dead letters in ten minutes')),
    memoryPercent: reader.integer('SLUICE_NOTIFY_MEMORY_PERCENT', upTo(100, 80, '%')),
  };
}

/** Never quotes it: the path of such an address is its secret. */
function urlProblem(text: string): string | undefined {
  const url = parseUrl(text);
  if (!url) return 'is not an address';
  if (url.username || url.password) return 'has a user or password in it';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return 'is neither http:// nor https://';
  return isLoopback(url.hostname)
    ? undefined
    : 'is http:// to another machine, where anybody between could read it';
}
