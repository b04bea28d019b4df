import { Problem } from './problem.ts';

/** What is answered then. */
export function redisAway(): Problem {
  return new Problem('unavailable', 'Redis does not answer', { headers: { 'Retry-After': '5' } });
}

/** Of Redis' own errors, those that say that it cannot do its work now. */
const UNFIT =
  /^(?:LOADING|OOM|READONLY|MASTERDOWN|CLUSTERDOWN|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS|TRYAGAIN)\b/;

/** What ioredis says, and @sluice/queue, where a command could not be sent or its answer did not come. */
const UNREACHED =
  /^(?:Redis has not been reached|Stream isn't writeable|Connection is closed|Command timed out|Socket timeout|Reached the max retries)/;

/** Whether something failed because Redis is away, or may not be written to. */
export function isRedisAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ReplyError') return UNFIT.test(error.message);
  if (error.name === 'AbortError' || error.name === 'MaxRetriesPerRequestError') return true;
  return UNREACHED.test(error.message) || ('syscall' in error && 'code' in error);
}
