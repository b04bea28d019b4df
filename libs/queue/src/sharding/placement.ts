import { createHash } from 'node:crypto';

/**
 * Returns the shard of a bot and of all its connections, so that the bot's limit and its deliveries are in one place.
 *
 * It uses jump consistent hash (Lamping and Veach, 2014): an additional shard gets its equal part of the bots, and no
 * bot moves between the other shards.
 *
 * @param botId the bot that receives the events
 * @param shards number of shards
 * @returns the number of the shard, from 0
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

/** From the random number generator of the paper. */
const MULTIPLIER = 2_862_933_555_777_941_757n;

/** Number of slots in a Redis Cluster. */
export const SLOTS = 16_384;

/** How far a shard may be from its ideal slot: a window of a hundredth of the slots, found in about 50 attempts. */
const TOLERANCE = SLOTS / 200;

/**
 * Returns the prefix of a shard's keys, whose hash tag puts all of them into one slot. The first shard has the configured
 * prefix, so that stored deliveries stay where they are when shards are added.
 *
 * A cluster assigns a range of slots to each node. Prefixes by number alone would be distributed at random, perhaps two of
 * three shards on one node. So each prefix gets the suffix that puts it into the middle of the widest gap between the
 * shards before it.
 *
 * @param prefix prefix of the first shard, in braces
 * @param index number of the shard, from 0
 */
export function shardPrefix(prefix: string, index: number): string {
  if (index === 0) return prefix;
  const name = prefix.slice(1, -1);
  const ideal = (slotOf(name) + Math.round(bisection(index) * SLOTS)) % SLOTS;
  for (let salt = 0; ; salt++) {
    const candidate = `${name}-${index}.${salt.toString(36)}`;
    const distance = Math.abs(slotOf(candidate) - ideal);
    if (Math.min(distance, SLOTS - distance) <= TOLERANCE) return `{${candidate}}`;
  }
}

/** Returns 1/2, 1/4, 3/4, 1/8, 5/8, …: the reversed bits of the number as a binary fraction. */
function bisection(index: number): number {
  let fraction = 0;
  let weight = 0.5;
  for (let rest = index; rest > 0; rest >>= 1) {
    fraction += (rest & 1) * weight;
    weight /= 2;
  }
  return fraction;
}

/**
 * Returns the slot of a hash tag: its CRC16 (XMODEM), as specified for Redis Cluster.
 *
 * @param tag the text between the braces; ASCII
 */
export function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc % SLOTS;
}
