/** Time source, injected so that tests can control it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once in `ms` milliseconds. Returns a function that cancels it. */
  schedule(ms: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/** Returns a number from 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

/** Creates a generator (mulberry32) that returns the same numbers for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;

/** Length of ids in the API. */
export const ID_LENGTH = { min: 28, max: 36 } as const;

/** Returns an id like `evt_01K3ZV7…`: a prefix and a ULID, sorted by time like the ids of Botpress. */
export type NewId = (prefix: 'evt' | 'err' | 'flt' | 'rul' | 'conv' | 'user' | 'msg') => string;

/**
 * Creates the id generator.
 *
 * @param lengthOf returns the length of new ids; null means that of the prefix and 26 characters
 */
export function createNewId(clock: Clock, random: Random, lengthOf: () => number | null): NewId {
  return (prefix) => {
    const length = lengthOf() ?? prefix.length + 1 + TIME_CHARS + RANDOM_CHARS;
    return `${prefix}_${encodeTime(clock.now())}${encodeRandom(random, length - prefix.length - 1 - TIME_CHARS)}`;
  };
}

function encodeTime(now: number): string {
  let rest = now;
  let text = '';
  for (let index = 0; index < TIME_CHARS; index++) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function encodeRandom(random: Random, length: number): string {
  let text = '';
  for (let index = 0; index < length; index++) text += ALPHABET.charAt(Math.floor(random() * 32));
  return text;
}
