import type { Variant } from './variant.ts';

/** Plain FIFO: BullMQ's limit of the queue, at the rate of one bot. Nothing overtakes, not even another bot's. */
export const queueLimiter: Variant = {
  title: "plain FIFO (BullMQ's limiter)",
  limiter: { max: 10, duration: 1_000 },
};
