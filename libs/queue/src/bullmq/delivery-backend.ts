import type { IQueueBackend } from 'bullmq';
import type { Extension } from './extension.ts';
import type { Removal } from './ledger-counters.ts';
import type { Transition } from './transitions.ts';

/** What a delivery was before it was removed, or why it was not. */
export type Removed = 'pending' | 'delivered' | 'dead' | 'discarded' | 'locked' | 'gone';

/** The keys and arguments that an extension has after BullMQ's. */
export interface OwnArguments {
  readonly keys: readonly (string | number)[];
  readonly args: readonly (string | number)[];
}

/** A delivery that its worker delays. */
export interface DelayRequest {
  readonly deliveryId: string;
  /** The lock of the job that the worker reserved. */
  readonly lock: string;
  /** Milliseconds from now. */
  readonly delay: number;
}

/**
 * The store behind BullMQ's `Queue` and `Worker`, with what Sluice adds to it. Every operation that changes how many
 * deliveries there are in a state moves the ledger in the same script. Other rooms use this interface only.
 */
export interface DeliveryBackend extends IQueueBackend {
  /** What all keys start with, without the colon. */
  readonly prefix: string;
  /**
   * Removes a delivery in any state, unless a worker has it.
   *
   * @param as the counter for a delivery that was pending or dead
   */
  removeAs(id: string, as: Removal): Promise<Removed>;
  /**
   * Requeues a dead letter with all its attempts.
   *
   * @param replay the replay that requeues it, which must be running; empty without one
   * @returns whether it was dead, and the replay was running
   */
  replay(id: string, replay: string): Promise<boolean>;
  /** Moves dead letters. Returns what the script of the transition returns. */
  transition(move: Transition, args: readonly (string | number)[]): Promise<unknown>;
  /** Counts webhooks that were not enqueued, by connection. */
  countIgnored(counts: ReadonlyMap<string, number>): Promise<void>;
  /**
   * Delays a delivery with an extension of BullMQ's `moveToDelayed`. It costs no attempt.
   *
   * @throws BullMQ's errors, for example that the lock is lost; then nothing has changed
   */
  delayWith(extension: Extension, request: DelayRequest, own: OwnArguments): Promise<void>;
  /** Runs an extension of BullMQ's `promote`, which sets the id of each delivery that it promotes by itself. */
  promoteWith(extension: Extension, own: OwnArguments): Promise<unknown>;
}
