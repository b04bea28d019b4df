import { RedisScheduler } from '../../libs/queue/src/scheduler/scheduler.ts';

// Loaded into a worker before anything else: the same worker, but everybody may go at once and nothing is on
// record, so that nothing is paced, held or looked up.
RedisScheduler.prototype.acquire = async () => ({ kind: 'granted', startedAt: Date.now(), isTripped: false });
