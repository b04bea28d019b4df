import { type Delivery, iterateLeaves } from '@sluice/events';

/**
 * The Bloom filter of a dead letter contains the values of its payload. It excludes nearly every dead letter that does
 * not have a value, without its payload: a search of 100,000 payloads of 8 kB takes 25 s, because they are compressed;
 * by their Bloom filters it takes 1 s. It is the last property of the stored failure and is written when the delivery
 * dies. Payloads without a Bloom filter are searched.
 */
const BITS_PER_VALUE = 16;

/** With four hashes, two in a thousand values that are not there pass; with two, ten times as many. */
const HASHES = 4;

/** Larger payloads get no Bloom filter: it would not be worth its bytes. */
const MAX_VALUES = 4_000;
const MAX_BODY = 512 * 1024;

/** Longer values cannot be searched. */
const MAX_VALUE = 500;

/** Name and opening quote of the property. It starts with a rare character, which makes it fast to find. */
export const BLOOM_FILTER_MARK = '~sieve":"';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BITS_PER_CHARACTER = 6;

/** Constants for the scripts that read it (`dead-letters/lua/bloom-filter.lua`). */
export const BLOOM_FILTER_LUA = {
  BLOOM_MARK: BLOOM_FILTER_MARK,
  BLOOM_ALPHABET: ALPHABET,
  BLOOM_BITS_PER_CHARACTER: BITS_PER_CHARACTER,
} as const;

type Searchable = Pick<Delivery, 'body' | 'headers'>;

/**
 * Adds a Bloom filter to a stored failure (`writeFailure`).
 *
 * @param deliveries the delivery and, if it was edited, the original
 */
export function addBloomFilter(failure: string, ...deliveries: readonly Searchable[]): string {
  const filter = createBloomFilter(deliveries);
  return filter === undefined ? failure : `${failure.slice(0, -1)},"${BLOOM_FILTER_MARK}${filter}"}`;
}

/** Replaces the Bloom filter of a stored failure. A failure in BullMQ's words has none. */
export function replaceBloomFilter(failure: string, ...deliveries: readonly Searchable[]): string {
  if (!failure.startsWith('{"reason"')) return failure;
  const at = failure.lastIndexOf(`,"${BLOOM_FILTER_MARK}`);
  return addBloomFilter(at < 0 ? failure : `${failure.slice(0, at)}}`, ...deliveries);
}

function createBloomFilter(deliveries: readonly Searchable[]): string | undefined {
  const values = new Set<string>();
  for (const { body, headers } of deliveries) {
    if (body.length > MAX_BODY) return undefined;
    for (const value of Object.values(headers)) values.add(value);
    for (const { text } of iterateLeaves(body)) if (text.length <= MAX_VALUE) values.add(text);
  }
  if (values.size > MAX_VALUES) return undefined;
  const characters = new Uint8Array(Math.ceil((values.size * BITS_PER_VALUE) / BITS_PER_CHARACTER));
  const bits = characters.length * BITS_PER_CHARACTER;
  for (const value of values) {
    for (const hash of hashesOf(value)) {
      const bit = hash % bits;
      const index = Math.floor(bit / BITS_PER_CHARACTER);
      characters[index] = (characters[index] ?? 0) | (1 << (bit % BITS_PER_CHARACTER));
    }
  }
  return Array.from(characters, (character) => ALPHABET[character]).join('');
}

/** Returns the hashes of a value, each below 2^35. Its bits are their remainders by the size of the filter. */
export function hashesOf(value: string): number[] {
  const [first, step] = [fnv(value, 0x811c9dc5), fnv(value, 0x5bd1e995)];
  return Array.from({ length: HASHES }, (_, index) => first + index * step);
}

/** FNV-1a with the finalizer of MurmurHash; without it, the bits of short texts are not spread. */
function fnv(value: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < value.length; index++) {
    hash = Math.imul(hash ^ value.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
