import { createHash } from 'node:crypto';

/**
 * Chooses the shard of a bot, and so of all its connections: its limit is kept where all of its deliveries are.
 *
 * By jump consistent hash (Lamping and Veach, 2014): with one shard more, as many bots move as it is to have, and all
 * of those to it.
 *
 * @param botId of the bot that gets the events
 * @param shards how many there are
 * @returns from 0
 */
export function shardOf(botId: string, shards: number): number {
  if (shards <= 1) return 0;
  let state = createHash('sha256').update(botId).digest().readBigUInt64BE();
  let shard = 0;
  for (let next = 0; next < shards; ) {
    shard = next;
    state = BigInt.asUintN(64, state * MULTIPLIER + 1n);
    next = Math.floor((shard + 1) * (2 ** 31 / (Number(state >> 33n) + 1)));
  }
  return shard;
}

/** Of the generator of random numbers that the paper uses. */
const MULTIPLIER = 2_862_933_555_777_941_757n;
