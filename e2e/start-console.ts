import { type RunningApp, startApp } from '@sluice/testing';

/** Starts the console as a process of its own, on a free port unless told otherwise. */
export function startConsole(env: Readonly<Record<string, string>>): Promise<RunningApp> {
  return startApp('console', { env: { SLUICE_CONSOLE_PORT: '0', ...env } });
}
