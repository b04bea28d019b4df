import { setTimeout as delay } from 'node:timers/promises';
import type { AcquireCall } from '@sluice/botpress';
import {
  type Connections,
  readBotpressApiUrl,
  readRedisSettings,
  readWorkspaceSettings,
} from '@sluice/config';
import { createWorkspaceLimits, openShards } from '@sluice/queue';

/** Milliseconds to wait for Redis. Without it, calls are paced in this process. */
const REDIS_TIMEOUT = 1_000;

export interface CallPacing {
  readonly acquireCall: AcquireCall;
  close(): Promise<void>;
}

/**
 * Opens the pacing of calls to Botpress: by the windows that all workers share, or, if Redis cannot be reached, to half
 * the limit of a workspace in this process.
 */
export async function openCallPacing(connections: Connections): Promise<CallPacing> {
  const { callsPerSecond } = readWorkspaceSettings();
  const { url, queuePrefix: prefix, shards: wanted } = readRedisSettings();
  let onError: () => void = () => {};
  const failed = new Promise<void>((resolve) => {
    onError = resolve;
  });
  const shards = openShards({ url: url.reveal(), name: 'sluice-cli', prefix, wanted, onError });
  const timeout = new AbortController();
  const isReached = await Promise.race([
    shards.reached.then(() => true),
    failed.then(() => false),
    delay(REDIS_TIMEOUT, false, { signal: timeout.signal }),
  ]);
  timeout.abort();
  if (!isReached) {
    await shards.close();
    return { acquireCall: paceLocally(callsPerSecond / 2), close: async () => {} };
  }
  const limits = createWorkspaceLimits({
    shards,
    connections: () => connections,
    callsPerSecond,
    apiUrl: readBotpressApiUrl(),
  });
  return { acquireCall: (target) => limits.acquireCall(target, 'check'), close: () => shards.close() };
}

function paceLocally(callsPerSecond: number): AcquireCall {
  let next = 0;
  return async () => {
    const now = performance.now();
    const start = Math.max(now, next);
    next = start + 1_000 / callsPerSecond;
    if (start > now) await delay(start - now);
  };
}
