import { setTimeout as pause } from 'node:timers/promises';
import type { Producer } from '@sluice/queue/testing';
import { type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { openEagerProducer } from '../eager-producer.ts';

/** A Redis that is filled first, and then is as durable as production's. */
export interface GrowingRedis {
  readonly server: RunningRedis;
  readonly redis: Redis;
  readonly producer: Producer;
  /** Writes all that it holds to its file, and from then on each command before it is answered. */
  harden(): Promise<void>;
  stop(): Promise<void>;
}

/** Nothing is compressed, for bodies are already; and its file is not rewritten in the middle of a round. */
const ARGS = ['--appendonly', 'no', '--rdbcompression', 'no', '--auto-aof-rewrite-percentage', '0'];

export async function startGrowingRedis(): Promise<GrowingRedis> {
  const server = await startRedis({ own: true, args: ARGS });
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const producer = await openEagerProducer(server.url);
  return {
    ...{ server, redis, producer },
    async harden() {
      await redis.config('SET', 'appendonly', 'yes');
      while (/aof_rewrite_(in_progress|scheduled):1/.test(await redis.info('persistence'))) await pause(50);
      if (!/aof_enabled:1/.test(await redis.info('persistence'))) throw new Error('there is no file');
    },
    async stop() {
      await producer.close();
      redis.disconnect();
      // Its data is of no interest any more: writing gigabytes takes seconds.
      server.signal('SIGKILL');
      await server.stop();
    },
  };
}
