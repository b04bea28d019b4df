import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARS = 10;
const RANDOM_CHARS = 16;

/** Makes ids like `evt_01K3ZV7…`: a prefix and a ULID, so that they sort by time as Botpress' own do. */
export type NewId = (prefix: 'evt' | 'err' | 'flt') => string;

/** Builds the maker of ids over a clock and randomness. */
export function createNewId(clock: Clock, random: Random): NewId {
  return (prefix) => `${prefix}_${encodeTime(clock.now())}${encodeRandom(random)}`;
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

function encodeRandom(random: Random): string {
  let text = '';
  for (let index = 0; index < RANDOM_CHARS; index++) text += ALPHABET.charAt(Math.floor(random() * 32));
  return text;
}
