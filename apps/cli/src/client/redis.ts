import { readRedisSettings } from '@sluice/config';
import { openShardCount, type ShardedOptions } from '@sluice/queue';
import { RedisUnavailableError, UsageError } from '../errors.ts';

/** Help text of commands that connect to Redis. */
export const REDIS_HELP = '\nConnects to Redis at REDIS_URL with the key prefix SLUICE_QUEUE_PREFIX.';

/** A reader or writer of data in Redis. */
interface Opened {
  /** Resolves when Redis has responded; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds. A running Redis responds within a few; a frozen one accepts connections and never responds. */
const CONNECT_TIMEOUT = 5_000;

/**
 * Opens a reader or writer for the duration of `use`, which calls only Redis.
 *
 * @returns the result of `use`
 * @throws RedisUnavailableError for the first error of Redis; UsageError from `use`
 */
export async function withRedis<T extends Opened, Result>(
  open: (options: ShardedOptions) => T,
  use: (opened: T) => Promise<Result>,
): Promise<Result> {
  const { url, displayUrl, queuePrefix, shards: wanted } = readRedisSettings();
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const options = { url: url.reveal(), name: 'sluice-cli', prefix: queuePrefix, onError: fail };
  const shards = openShardCount({ ...options, wanted });
  let opened: T | undefined;
  const opening = shards.reached.then(async () => {
    opened = open({ ...options, shards: shards.current });
    await opened.reached;
    return opened;
  });
  const timer = setTimeout(
    () => fail(new Error(`no response within ${CONNECT_TIMEOUT / 1_000} s`)),
    CONNECT_TIMEOUT,
  );
  const using = opening.then((ready) => {
    clearTimeout(timer);
    return use(ready);
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
    await Promise.all([opened?.close(), shards.close()]);
  }
}
