import { createRequire } from 'node:module';
import type { RedisQueueBackend } from 'bullmq';
import { BULLMQ_SCRIPTS, type BullmqScript } from './script-layout.ts';

/**
 * Everything that Sluice uses of BullMQ beyond its documented interfaces (`Queue`, `Worker`, `Job`, `BackendFactory`,
 * `IQueueBackend`, `RedisClient`). Nothing else in this folder may use more. `contract.test.ts` runs all of it against
 * the installed version.
 */
export const VERIFIED_BULLMQ_VERSIONS: readonly string[] = ['6.7.0'];

/**
 * Members of the Redis backend that are public, but not part of `IQueueBackend`:
 *
 * - `client`: the connection on which scripts are defined and run.
 * - `addJobToTransaction`: encodes a job and passes the script's name and arguments to `runCommand` of the client that
 *   it is given. A group of deliveries is one transaction.
 * - `moveToCompletedArgs`, `moveToFailedArgs`, `moveToDelayedArgs`: encode the arguments of the script, with the
 *   worker's options.
 * - `finishedErrors`: turns the number that a script returns into BullMQ's error, which its worker loop expects.
 */
const BACKEND_MEMBERS = [
  'client',
  'addJobToTransaction',
  'moveToCompletedArgs',
  'moveToFailedArgs',
  'moveToDelayedArgs',
  'finishedErrors',
] as const satisfies readonly (keyof RedisQueueBackend)[];

export type BackendMembers = Pick<RedisQueueBackend, (typeof BACKEND_MEMBERS)[number]>;

/** @throws an Error if this version of BullMQ has no such members */
export function assertBackendMembers(backend: RedisQueueBackend): BackendMembers {
  const missing = BACKEND_MEMBERS.filter((name) => !(name in backend));
  if (missing.length === 0) return backend;
  throw new Error(
    `BullMQ ${bullmqVersion()} has no ${missing.join(', ')}. Install ${VERIFIED_BULLMQ_VERSIONS}.`,
  );
}

interface ScriptText {
  readonly name: string;
  readonly content: string;
  readonly keys: number;
}

const require = createRequire(import.meta.url);

/** Returns the Lua of a BullMQ script, which extensions contain. BullMQ does not export its scripts. */
export function bullmqLua(script: BullmqScript): string {
  const texts: Readonly<Record<string, ScriptText>> = require('bullmq/dist/cjs/scripts');
  const text = texts[script];
  const { keys } = BULLMQ_SCRIPTS[script];
  if (text?.keys === keys.length) return text.content;
  const found = text ? `with ${text.keys} keys instead of ${keys.length}` : 'missing';
  throw new Error(
    `BullMQ ${bullmqVersion()}: script ${script} is ${found}. Install ${VERIFIED_BULLMQ_VERSIONS}.`,
  );
}

/** BullMQ names its scripts `<name>:<version>` on a client. */
export function scriptOfCommand(command: string): string {
  return command.slice(0, command.lastIndexOf(':'));
}

export function bullmqVersion(): string {
  const { version }: { readonly version: string } = require('bullmq/package.json');
  return version;
}

/** Returns the installed version of BullMQ, if the contract test has not been run against it. */
export function unverifiedBullmq(
  installed: string = bullmqVersion(),
): { readonly installed: string; readonly verified: readonly string[] } | undefined {
  return VERIFIED_BULLMQ_VERSIONS.includes(installed)
    ? undefined
    : { installed, verified: VERIFIED_BULLMQ_VERSIONS };
}
