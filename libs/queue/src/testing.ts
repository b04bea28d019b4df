/** What only tests, benchmarks and e2e use of the queue; a lint rule rejects it in production code. */
export { createDeliveryBackend } from './bullmq/backend.ts';
export type { Consumer } from './consume/consumer.ts';
export { type EnqueueRequest, enqueueGroup } from './enqueue/enqueuer.ts';
export { openProducer, type Producer, type ProducerOptions } from './enqueue/producer.ts';
export type { ErasureRequest } from './inspect/erase.ts';
export type { PermitRequest } from './scheduler/types.ts';
export { startShardWorker } from './worker.ts';
