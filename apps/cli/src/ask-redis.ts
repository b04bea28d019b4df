import type { RedisSettings } from '@sluice/config';
import { openShardCount, type ShardedOptions } from '@sluice/queue';
import { RedisAwayError } from './redis-away-error.ts';
import { UsageError } from './usage-error.ts';

/** For the help of commands that ask. */
export const ASKED = '\nRedis is asked at REDIS_URL, below SLUICE_QUEUE_PREFIX.';

/** Something that is kept in Redis, opened for asking. */
interface Opened {
  /** Resolves when Redis has been reached; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds. A Redis that is there answers within some; a frozen one takes connections and says nothing. */
const REACH_WITHIN = 5_000;

/**
 * Opens what is kept in Redis for as long as `ask` takes, which asks Redis and does nothing else.
 *
 * @returns what `ask` does
 * @throws RedisAwayError at the first thing that goes wrong with Redis; UsageError as `ask` throws it
 */
export async function askRedis<It extends Opened, Answer>(
  { url, displayUrl, queuePrefix, shards: wanted }: RedisSettings,
  open: (options: ShardedOptions) => It,
  ask: (it: It) => Promise<Answer>,
): Promise<Answer> {
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const options = { url: url.reveal(), name: 'sluice-cli', prefix: queuePrefix, onError: fail };
  const shards = openShardCount({ ...options, wanted });
  let it: It | undefined;
  const opening = shards.reached.then(async () => {
    it = open({ ...options, shards: shards.current });
    await it.reached;
    return it;
  });
  const timer = setTimeout(() => fail(new Error(`nothing within ${REACH_WITHIN / 1_000} s`)), REACH_WITHIN);
  const asking = opening.then((opened) => {
    clearTimeout(timer);
    return ask(opened);
  });
  // What it still says when Redis has gone is not heard any more.
  asking.catch(() => {});
  try {
    return await Promise.race([asking, failed]);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new RedisAwayError(`Redis at ${displayUrl} does not answer: ${why}  — is REDIS_URL right?`);
  } finally {
    clearTimeout(timer);
    await Promise.all([it?.close(), shards.close()]);
  }
}
