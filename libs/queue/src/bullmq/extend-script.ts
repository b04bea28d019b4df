import type { RedisClient } from 'bullmq';

/** A script of BullMQ's that is made a part of ours, as one: nothing can come between them. */
export interface Extension {
  /** What it is to be called. */
  readonly command: string;
  /** BullMQ's name of its script. */
  readonly extended: string;
  /** Ours, in which theirs is the function `theirs`. It has one key after theirs, and arguments after theirs. */
  readonly lua: string;
}

/** ioredis' own record of a script; BullMQ's are named `<name>:<version>`. */
interface DefinedScript {
  readonly lua: string;
  readonly numberOfKeys: number;
}

/**
 * Defines such a script on a connection on which BullMQ has defined its own; a second time it does nothing.
 *
 * A MULTI of two scripts is no substitute (measured): a Redis that is full queues nothing for one, while
 * BullMQ's own scripts for what ends still run and make room; and one goes on when one of its scripts is refused.
 *
 * @returns how many keys theirs has
 * @throws an Error if this BullMQ has no script of that name
 */
export function extendScript(client: RedisClient, { command, extended, lua }: Extension): number {
  const { scriptsSet } = client as unknown as {
    readonly scriptsSet: Readonly<Record<string, DefinedScript>>;
  };
  const ours = scriptsSet[command];
  if (ours) return ours.numberOfKeys - 1;
  const theirs = Object.entries(scriptsSet).find(([name]) => name.startsWith(`${extended}:`))?.[1];
  if (!theirs) throw new Error(`this BullMQ has no script ${extended}`);
  const { numberOfKeys } = theirs;
  client.defineCommand(command, {
    lua: `local function theirs()\n${theirs.lua}\nend\n${lua}`,
    numberOfKeys: numberOfKeys + 1,
  });
  return numberOfKeys;
}
