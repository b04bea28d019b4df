import { type Logger, pino, stdTimeFunctions } from 'pino';
import { build as pretty } from 'pino-pretty';

export type { Logger } from 'pino';

export interface LogSettings {
  readonly level: string;
  /** Readable lines instead of JSON; `auto`: if stdout is a terminal. */
  readonly pretty: 'auto' | 'true' | 'false';
}

/**
 * Creates the logger of an app. It writes one JSON object per line to stdout, or readable lines to a terminal.
 * pino escapes control characters, so the content of a request cannot start a new line.
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

const MAX_FRAMES = 12;

/**
 * Returns the stack frames of an error, one per line, at most 12; empty if it is not an `Error`. The message is left
 * out: it may quote anything, including the body of a webhook (`JSON.parse` does).
 */
export function stackFrames(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { stack = '', name, message } = error;
  const head = `${name}: ${message}`;
  const frames = (stack.startsWith(head) ? stack.slice(head.length) : stack)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  return frames
    .slice(0, MAX_FRAMES)
    .map((line) => line.trim())
    .join('\n');
}
