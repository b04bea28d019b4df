import type { IQueueBackend } from 'bullmq';

/** Operations delegated to BullMQ's Redis backend: they only read, or do not change the number of deliveries. */
const DELEGATED = [
  ...['waitUntilReady', 'close', 'disconnect', 'setName'],
  ...['toKey', 'parseNodeKey', 'clientName', 'disconnectBlocking', 'reconnectBlocking', 'waitForJob'],
  ...[
    'moveToActive',
    'moveToDelayed',
    'moveJobFromActiveToWait',
    'moveStalledJobsToWait',
    'retryJob',
    'promote',
  ],
  ...['extendLock', 'extendLocks', 'pause', 'changeDelay', 'changePriority'],
  ...[
    'updateData',
    'updateProgress',
    'addLog',
    'clearLogs',
    'removeDeduplicationKey',
    'deleteDeduplicationKey',
  ],
  ...[
    'getState',
    'isFinished',
    'isMaxed',
    'isJobInState',
    'getJobData',
    'getDeduplicationJobId',
    'getJobLogs',
  ],
  ...['getRateLimitTtl', 'setRateLimit', 'removeRateLimitKey', 'removeDeprecatedPriorityKey'],
  ...['getCounts', 'getCountsPerPriority', 'getRanges', 'getMetrics', 'getClientList', 'paginate'],
  ...['setQueueMeta', 'getQueueMetaField', 'getQueueMetaFields', 'getQueueMeta', 'removeQueueMetaFields'],
  ...['hasQueueMetaField', 'trimEvents', 'publishEvent', 'readEvents'],
  ...['getDependencyCounts', 'getDependencies', 'getProcessedChildrenValues', 'getIgnoredChildrenFailures'],
  ...[
    'isJobScheduler',
    'getJobScheduler',
    'getJobSchedulerData',
    'getJobSchedulersRange',
    'getJobSchedulersCount',
  ],
] as const satisfies readonly (keyof IQueueBackend)[];

/** Operations that would change the number of deliveries without counting it. Sluice does not need them. */
const REFUSED = [
  ...['drain', 'cleanJobsByState', 'obliterate', 'removeOrphanedJobs', 'remove', 'removeUnprocessedChildren'],
  ...['retryFinishedJobs', 'promoteJobs', 'addFlow', 'moveToWaitingChildren', 'removeChildDependency'],
  ...['addJobScheduler', 'updateJobSchedulerNextMillis', 'removeJobScheduler'],
] as const satisfies readonly (keyof IQueueBackend)[];

/** The members that `delegate` adds to a backend. */
export type Delegated = Pick<IQueueBackend, (typeof DELEGATED)[number] | (typeof REFUSED)[number]>;

/** Adds operations to `target`: those that need no counting call `plain`, and those that bypass the ledger reject. */
export function delegate(target: Delegated, plain: IQueueBackend): void {
  const methods = DELEGATED.map((name) => [name, (plain[name] as () => unknown).bind(plain)]);
  const refusals = REFUSED.map((name) => [name, () => refuse(name)]);
  Object.assign(target, Object.fromEntries([...methods, ...refusals]));
}

function refuse(name: string): Promise<never> {
  return Promise.reject(new Error(`${name} does not keep the ledger. Use removeAs, replay or transition.`));
}
