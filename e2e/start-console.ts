import { type RunningApp, startApp } from '@sluice/testing';

/** Starts the console as a separate process. Default port: a free one. */
export function startConsole(env: Readonly<Record<string, string>>): Promise<RunningApp> {
  return startApp('console', { env: { SLUICE_CONSOLE_PORT: '0', ...env } });
}
