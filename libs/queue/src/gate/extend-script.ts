import type { RedisClient } from 'bullmq';

/** A script of BullMQ's that is followed by ours, as one: nothing can come between them. */
export interface Extension {
  /** What it is to be called. */
  readonly command: string;
  /** BullMQ's name of its script. */
  readonly extended: string;
  /** Ours, in which theirs is the function `theirs`. It has one key and arguments after theirs. */
  readonly lua: string;
}

/** ioredis' own record of scripts; BullMQ's are named `<name>:<version>`. */
interface WithScripts {
  readonly scriptsSet: Readonly<Record<string, { readonly lua: string; readonly numberOfKeys: number }>>;
}

/**
 * Defines such a script on a connection on which BullMQ has defined its own; a second time it does nothing.
 *
 * A MULTI of two scripts is no substitute: a Redis that is full queues nothing for one, and one goes on when
 * one of its scripts is refused.
 *
 * @throws an Error if this BullMQ has no script of that name
 */
export function extendScript(client: RedisClient, { command, extended, lua }: Extension): void {
  const { scriptsSet } = client as unknown as WithScripts;
  if (command in scriptsSet) return;
  const theirs = Object.entries(scriptsSet).find(([name]) => name.startsWith(`${extended}:`))?.[1];
  if (!theirs) throw new Error(`this BullMQ has no script ${extended}`);
  client.defineCommand(command, {
    lua: `local function theirs()\n${theirs.lua}\nend\n${lua}`,
    numberOfKeys: theirs.numberOfKeys + 1,
  });
}
