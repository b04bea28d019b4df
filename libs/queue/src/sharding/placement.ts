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

/** Slots of a Redis Cluster. */
export const SLOTS = 16_384;

/** A hundredth of the slots: so near to where it is wanted a shard has to be, which takes some 50 tries. */
const NEAR = SLOTS / 200;

/**
 * Names a shard: what its keys begin with, whose hash tag puts all of them into one slot. The first is called as if
 * there were no others, so that what is there already stays where it is when shards are added.
 *
 * A cluster gives each node a range of slots. Names by number alone would fall at random, two of three shards on one
 * node; so each is given the letters with which it falls into the middle of the widest gap that those before it left.
 *
 * @param prefix of the first, in braces
 * @param index from 0
 */
export function shardPrefix(prefix: string, index: number): string {
  if (index === 0) return prefix;
  const name = prefix.slice(1, -1);
  const wanted = (slotOf(name) + Math.round(halved(index) * SLOTS)) % SLOTS;
  for (let salt = 0; ; salt++) {
    const candidate = `${name}-${index}.${salt.toString(36)}`;
    const distance = Math.abs(slotOf(candidate) - wanted);
    if (Math.min(distance, SLOTS - distance) <= NEAR) return `{${candidate}}`;
  }
}

/** 1/2, 1/4, 3/4, 1/8, 5/8, …: the bits of a number read backwards, behind the point. */
function halved(index: number): number {
  let place = 0;
  let weight = 0.5;
  for (let rest = index; rest > 0; rest >>= 1) {
    place += (rest & 1) * weight;
    weight /= 2;
  }
  return place;
}

/**
 * The slot of a hash tag: its CRC16 (XMODEM), as the specification of Redis Cluster has it.
 *
 * @param tag what stands between the braces; ASCII
 */
export function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc % SLOTS;
}
