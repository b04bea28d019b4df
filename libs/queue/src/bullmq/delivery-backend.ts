import type { IQueueBackend } from 'bullmq';
import type { Extension } from './extension.ts';
import type { Removal } from './ledger-counters.ts';
import type { Transition } from './transitions.ts';

/** The state of a delivery before its removal, or why it was not removed. */
export type Removed = 'pending' | 'delivered' | 'dead' | 'discarded' | 'locked' | 'gone';

/** The extension's own keys and arguments, which follow BullMQ's. */
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
 * The store behind BullMQ's `Queue` and `Worker`, extended with Sluice's operations. Every operation that changes the
 * number of deliveries in a state updates the ledger in the same script. Other rooms use this interface only.
 */
export interface DeliveryBackend extends IQueueBackend {
  /** Prefix of all keys, without the colon. */
  readonly prefix: string;
  /**
   * Removes a delivery in any state, unless a worker has reserved it.
   *
   * @param as the counter for a delivery that was pending or dead
   */
  removeAs(id: string, as: Removal): Promise<Removed>;
  /**
   * Requeues a dead letter, with its full number of attempts.
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
  /** Runs an extension of BullMQ's `promote`. The extension sets the id of each delivery that it promotes. */
  promoteWith(extension: Extension, own: OwnArguments): Promise<unknown>;
}
