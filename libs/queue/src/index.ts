export { type Consumer, type ConsumerOptions, consumeDeliveries, type Taken } from './consumer.ts';
export { readDeadReason } from './dead-letter.ts';
export type { DeadDetail, DeadReason, DeliveryOutcome } from './delivery-outcome.ts';
export type { Enqueued, EnqueueRequest } from './enqueue-group.ts';
export type { EnqueueResult, Enqueuer } from './enqueuer.ts';
export type { Erasure, ErasureRequest } from './erase-deliveries.ts';
export { type Eraser, openEraser } from './eraser.ts';
export { openProducer, type Producer, type ProducerOptions } from './producer.ts';
export { openQueueReader, type QueueReader, type QueueState } from './queue-reader.ts';
