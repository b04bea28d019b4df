import { join } from 'node:path';
import { fetchRedis } from './fetch-redis.ts';
import { findOnPath } from './find-on-path.ts';
import { findProjectRedis, type RedisBinary } from './project-redis.ts';
import { withFileLock } from './with-file-lock.ts';

export type FoundRedis = { readonly kind: 'url'; readonly url: string } | RedisBinary;

export interface FindRedisOptions {
  /** REDIS_URL and PATH are read from it. */
  readonly env: NodeJS.ProcessEnv;
  /** Its `.sluice/redis-server` is where a fetched Redis lives. */
  readonly projectRoot: string;
  /** Told of what takes time, one line each. */
  readonly log?: (line: string) => void;
}

export const NO_REDIS =
  'no Redis found: install one (sudo apt-get install -y redis-server, or brew install valkey) or set REDIS_URL';

/**
 * Finds a Redis: REDIS_URL, `valkey-server` or `redis-server` on PATH, the project's own folder, or fetched
 * into that folder from Debian's or Ubuntu's packages, which needs no root.
 *
 * Any number of processes may look at once; one of them fetches, the others wait for it.
 * Throws an error of one line that says what to install, with the reason as its `cause`.
 */
export async function findRedis({ env, projectRoot, log = () => {} }: FindRedisOptions): Promise<FoundRedis> {
  if (env.REDIS_URL) return { kind: 'url', url: env.REDIS_URL };

  const onPath = findOnPath(['valkey-server', 'redis-server'], env.PATH);
  if (onPath) return { kind: 'binary', path: onPath, origin: 'path' };

  const folder = join(projectRoot, '.sluice', 'redis-server');
  try {
    return (
      findProjectRedis(folder) ??
      (await withFileLock(
        `${folder}.lock`,
        async () => findProjectRedis(folder) ?? fetchRedis({ folder, env, log }),
      ))
    );
  } catch (cause) {
    throw new Error(NO_REDIS, { cause });
  }
}
