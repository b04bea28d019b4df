import { readRedisSettings } from '@sluice/config';
import { openShards, type Shards } from '@sluice/queue';
import { RedisUnavailableError, UsageError } from '../errors.ts';

/** Help text of commands that connect to Redis. */
export const REDIS_HELP = '\nConnects to Redis at REDIS_URL with the key prefix SLUICE_QUEUE_PREFIX.';

/** Milliseconds. A running Redis responds within a few; a frozen one accepts connections and never responds. */
const CONNECT_TIMEOUT = 5_000;

/**
 * Opens the shards of the queue for the duration of `use`, which calls only Redis.
 *
 * @param create creates what `use` reads or writes with
 * @returns the result of `use`
 * @throws RedisUnavailableError for the first error of Redis; UsageError from `use`
 */
export async function withRedis<T, Result>(
  create: (shards: Shards) => T,
  use: (created: T) => Promise<Result>,
): Promise<Result> {
  const { url, displayUrl, queuePrefix, shards: wanted } = readRedisSettings();
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const options = { url: url.reveal(), name: 'sluice-cli', prefix: queuePrefix, onError: fail };
  const shards = openShards({ ...options, wanted });
  const timer = setTimeout(
    () => fail(new Error(`no response within ${CONNECT_TIMEOUT / 1_000} s`)),
    CONNECT_TIMEOUT,
  );
  const using = shards.reached.then(() => {
    clearTimeout(timer);
    return use(create(shards));
  });
  // After the first error, later rejections are expected.
  using.catch(() => {});
  try {
    return await Promise.race([using, failed]);
  } catch (error) {
    if (error instanceof UsageError || error instanceof RedisUnavailableError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new RedisUnavailableError(`Redis at ${displayUrl} does not respond: ${why}. Check REDIS_URL.`);
  } finally {
    clearTimeout(timer);
    await shards.close();
  }
}
