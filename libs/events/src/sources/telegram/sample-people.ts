const PEOPLE = [
  { first_name: 'Ada', last_name: 'Okafor', username: 'ada_okafor', language_code: 'pt' },
  { first_name: 'Jörg', language_code: 'de', is_premium: true },
  { first_name: 'Marta 🌻', last_name: 'Núñez', username: 'martan', language_code: 'es' },
  { first_name: '莉', username: 'lili_w', language_code: 'zh-hans' },
] as const;

const pick = <T>(list: readonly T[], number: number): T => list[number % list.length] as T;

/**
 * A number that differs for each sample of a day, within the 52 bits of Telegram's ids.
 *
 * @param number which sample, from 1
 * @param now milliseconds since the epoch
 * @param position which of ten in that sample
 */
export function sampleNumber(number: number, now: number, position = 0): number {
  return (now % 100_000_000) * 10_000_000 + ((number * 10 + position) % 10_000_000);
}

/** Somebody else for each number, time and position. */
export function sampleUser(number: number, now: number, position = 0) {
  const { first_name, ...rest } = pick(PEOPLE, number + position);
  return { id: sampleNumber(number, now, position), is_bot: false, first_name, ...rest };
}

export const SAMPLE_GROUP = {
  id: -1_001_734_205_518,
  title: 'Sluice & friends',
  type: 'supergroup',
} as const;

export const SAMPLE_ADMIN = {
  id: 5_401_230_001,
  is_bot: false,
  first_name: 'Grace',
  username: 'grace_admin',
};

export const SAMPLE_BOT = { id: 6_012_345_678, is_bot: true, first_name: 'Acme Bot', username: 'acme_bot' };
