import { type RunningApp, startApp } from '@sluice/testing';

/** Starts the console from its sources, as a process of its own, on a free port unless told otherwise. */
export function startConsole(env: Readonly<Record<string, string>>): Promise<RunningApp> {
  // startApp does not know it by name: node runs the first script it is given, and takes the other for an argument.
  return startApp('ingest', {
    nodeArgs: ['apps/console/src/main.ts'],
    env: { SLUICE_CONSOLE_PORT: '0', ...env },
  });
}
