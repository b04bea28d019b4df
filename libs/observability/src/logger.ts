import { type Logger, pino, stdTimeFunctions } from 'pino';
import { build as pretty } from 'pino-pretty';

export type { Logger } from 'pino';

export interface LogSettings {
  readonly level: string;
  /** Lines for people instead of JSON; `auto`: when stdout is a terminal. */
  readonly pretty: 'auto' | 'true' | 'false';
}

/**
 * Makes the logger of one app: one JSON object a line on stdout, or readable lines on a terminal.
 * pino escapes control characters, so nothing that a request says can start a line of its own.
 */
export function createLogger(app: string, settings: LogSettings): Logger {
  const options = {
    level: settings.level,
    base: { app },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const readable = settings.pretty === 'auto' ? process.stdout.isTTY : settings.pretty === 'true';
  if (!readable) return pino(options);
  return pino(
    options,
    pretty({ ignore: 'app,pid,hostname', translateTime: 'SYS:HH:MM:ss.l', singleLine: true }),
  );
}
