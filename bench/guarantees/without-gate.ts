import { RedisGate } from '../../libs/queue/src/scheduler/scheduler.ts';

// Loaded into a worker before anything else: the same worker, but everybody may go at once and nothing is on
// record, so that nothing is paced, held or looked up.
RedisGate.prototype.begin = async () => ({ kind: 'go', startedAt: Date.now(), struck: false });
