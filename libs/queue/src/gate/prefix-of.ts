import type { RedisQueueBackend } from 'bullmq';
import { QUEUE_NAME } from '../queue-settings.ts';

/** The prefix of a queue's keys; BullMQ tells it only together with the queue's name. */
export function prefixOf({ qualifiedName }: RedisQueueBackend): string {
  return qualifiedName.slice(0, -(QUEUE_NAME.length + 1));
}
