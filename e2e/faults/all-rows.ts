import type { Row } from './row.ts';
import { ingestKilled } from './rows/01-ingest-killed.ts';
import { workerKilled } from './rows/02-worker-killed.ts';
import { redisKilled } from './rows/03-redis-killed.ts';
import { redisFrozen } from './rows/04-redis-frozen.ts';
import { redisFull } from './rows/05-redis-full.ts';
import { failovers } from './rows/06-failover.ts';
import { lateResponses } from './rows/07-late-responses.ts';
import { rateLimited } from './rows/08-rate-limited.ts';
import { apiErrors } from './rows/09-api-errors.ts';
import { tokenRevoked } from './rows/10-token-revoked.ts';
import { apiHangs } from './rows/11-api-hangs.ts';
import { redisHalfOpen } from './rows/12-redis-half-open.ts';
import { unreachable } from './rows/13-unreachable.ts';
import { clocks } from './rows/14-clocks.ts';
import { diskFull } from './rows/15-disk-full.ts';
import { blockedLoop } from './rows/16-blocked-loop.ts';
import { rollingRestarts } from './rows/17-rolling-restarts.ts';
import { atOnce } from './rows/18-at-once.ts';
import { shuffled } from './rows/19-shuffled.ts';
import { poison } from './rows/20-poison.ts';
import { mapperThrows } from './rows/21-mapper-throws.ts';
import { manyDeadLetters } from './rows/22-dead-letters.ts';
import { replayKilled } from './rows/23-replay-killed.ts';
import { noGap } from './rows/24-no-gap.ts';

/** All rows of the fault matrix, in order. */
export const rows: readonly Row[] = [
  ingestKilled,
  workerKilled,
  redisKilled,
  redisFrozen,
  redisFull,
  failovers,
  lateResponses,
  rateLimited,
  apiErrors,
  tokenRevoked,
  apiHangs,
  redisHalfOpen,
  unreachable,
  clocks,
  diskFull,
  blockedLoop,
  rollingRestarts,
  atOnce,
  shuffled,
  poison,
  mapperThrows,
  manyDeadLetters,
  replayKilled(),
  noGap,
].flat();
