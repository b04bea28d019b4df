import { SLOTS, slotOf } from './slot-of.ts';

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
