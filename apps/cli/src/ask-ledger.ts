import type { RedisSettings } from '@sluice/config';
import { type LedgerReader, openLedgerReader } from '@sluice/queue';

export type Asked = Pick<LedgerReader, 'readLedger' | 'countStored'>;

/** Milliseconds. A Redis that is there answers within some; a frozen one takes connections and says nothing. */
const REACH_WITHIN = 5_000;

/** Redis does not answer; `message` says where it was looked for, without a password. */
export class RedisAwayError extends Error {
  override readonly name = 'RedisAwayError';
}

/**
 * Opens the ledger for as long as `ask` takes.
 *
 * @returns what `ask` does
 * @throws RedisAwayError at the first thing that goes wrong with Redis
 */
export async function askLedger<Answer>(
  { url, displayUrl, queuePrefix }: RedisSettings,
  ask: (ledger: Asked) => Promise<Answer>,
): Promise<Answer> {
  const away = (why: string) =>
    new RedisAwayError(`Redis at ${displayUrl} does not answer: ${why}  — is REDIS_URL right?`);
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = (error) => reject(away(error.message));
  });
  const reader = openLedgerReader({
    url: url.reveal(),
    name: 'sluice-cli',
    prefix: queuePrefix,
    onError: fail,
  });
  const timer = setTimeout(() => fail(new Error(`nothing within ${REACH_WITHIN / 1_000} s`)), REACH_WITHIN);
  const orAway = <Told>(told: Promise<Told>) =>
    Promise.race([told, failed]).catch((error: Error) => {
      throw error instanceof RedisAwayError ? error : away(error.message);
    });
  try {
    await orAway(reader.reached);
    clearTimeout(timer);
    return await ask({
      readLedger: () => orAway(reader.readLedger()),
      countStored: () => orAway(reader.countStored()),
    });
  } finally {
    clearTimeout(timer);
    await reader.close();
  }
}
