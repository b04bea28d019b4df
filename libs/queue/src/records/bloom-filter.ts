import { type Delivery, iterateLeaves } from '@sluice/events';

/**
 * The sieve of a dead letter tells of nearly any value that is not in its payload that it is not, without its payload:
 * a Bloom filter of its values. To look into 100,000 of 8 kB takes 25 s, for they are deflated; by the sieve 1 s. It
 * stands last in the reason and is written when the delivery dies; without one the payload is looked at.
 */
const BITS_A_VALUE = 16;

/** With so many bits it lets some two in a thousand through that have not the value; with half of them ten times as many. */
const BLOOM_FILTER_HASHES = 4;

/** Of more it is not worth its bytes. */
const MAX_VALUES = 4_000;
const MAX_BODY = 512 * 1024;

/** Longer ones cannot be searched for. */
const MAX_VALUE = 500;

/** As it begins in the reason; by a letter that is rare, which makes it fast to find. */
export const BLOOM_FILTER_MARK = '~sieve":"';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BITS_A_LETTER = 6;

type Searched = Pick<Delivery, 'body' | 'headers'>;

/**
 * Writes a sieve into a reason for being dead, as `writeDeadReason` wrote it.
 *
 * @param deliveries the delivery, and what it was before it was edited
 */
export function addBloomFilter(failedReason: string, ...deliveries: readonly Searched[]): string {
  const sieve = bloomFilterOf(deliveries);
  return sieve === undefined ? failedReason : `${failedReason.slice(0, -1)},"${BLOOM_FILTER_MARK}${sieve}"}`;
}

/** The same in the place of the one that there is. Words of BullMQ's have none. */
export function replaceBloomFilter(failedReason: string, ...deliveries: readonly Searched[]): string {
  if (!failedReason.startsWith('{"reason"')) return failedReason;
  const at = failedReason.lastIndexOf(`,"${BLOOM_FILTER_MARK}`);
  return addBloomFilter(at < 0 ? failedReason : `${failedReason.slice(0, at)}}`, ...deliveries);
}

function bloomFilterOf(deliveries: readonly Searched[]): string | undefined {
  const values = new Set<string>();
  for (const { body, headers } of deliveries) {
    if (body.length > MAX_BODY) return undefined;
    for (const value of Object.values(headers)) values.add(value);
    for (const { text } of iterateLeaves(body)) if (text.length <= MAX_VALUE) values.add(text);
  }
  if (values.size > MAX_VALUES) return undefined;
  const letters = new Uint8Array(Math.ceil((values.size * BITS_A_VALUE) / BITS_A_LETTER));
  const bits = letters.length * BITS_A_LETTER;
  for (const value of values) {
    for (const hash of hashesOf(value)) {
      const bit = hash % bits;
      const index = Math.floor(bit / BITS_A_LETTER);
      letters[index] = (letters[index] ?? 0) | (1 << (bit % BITS_A_LETTER));
    }
  }
  return Array.from(letters, (letter) => ALPHABET[letter]).join('');
}

/** The hashes of a value, each below 2^35: its bits are what is left of them by the sieve's bits. */
export function hashesOf(value: string): number[] {
  const [first, step] = [fnv(value, 0x811c9dc5), fnv(value, 0x5bd1e995)];
  return Array.from({ length: BLOOM_FILTER_HASHES }, (_, index) => first + index * step);
}

/** FNV-1a, stirred as MurmurHash ends: the bits of a short text would not spread otherwise. */
function fnv(value: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < value.length; index++) {
    hash = Math.imul(hash ^ value.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Lua: whether by its sieve a dead letter may have all of these hashes; also if it has none. */
export const MIGHT_CONTAIN = `
local BITS = {}
for index = 1, 64 do BITS[string.byte('${ALPHABET}', index)] = index - 1 end
local function mayHave(told, having)
  local _, before = string.find(told, '${BLOOM_FILTER_MARK}', 1, true)
  if not before then return true end
  local bits = (#told - 2 - before) * ${BITS_A_LETTER}
  if bits <= 0 then return false end
  for _, term in ipairs(having) do
    for _, hash in ipairs(term.hashes) do
      local at = hash % bits
      local letter = BITS[string.byte(told, before + 1 + math.floor(at / ${BITS_A_LETTER}))]
      if not letter or math.floor(letter / 2 ^ (at % ${BITS_A_LETTER})) % 2 == 0 then return false end
    end
  end
  return true
end
`;
