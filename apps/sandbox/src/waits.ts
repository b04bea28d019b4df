import type { Clock } from './clock-and-ids.ts';

export interface Progress {
  readonly commits: number;
  readonly distinct: number;
  readonly calls: number;
}

/** Reached when all its counts are reached. */
export type WaitGoal = Partial<Progress>;

export type WaitResult = 'reached' | 'timed out' | 'closing';

/** Requests that wait for a number of commits or calls. */
export interface Waits {
  /** Calls `done` once: immediately if the goal is reached. Returns a function that cancels the wait. */
  until(goal: WaitGoal, timeoutMs: number, done: (result: WaitResult) => void): () => void;
  /** Must be called after every commit and call. */
  notify(): void;
  /** Ends all waits with `closing`. */
  close(): void;
}

interface Waiter {
  readonly goal: WaitGoal;
  finish(result: WaitResult): void;
}

/**
 * Creates an empty list of waits.
 *
 * @param progress returns the current counts
 */
export function createWaits(clock: Clock, progress: () => Progress): Waits {
  const waiters = new Set<Waiter>();

  function isReached(goal: WaitGoal): boolean {
    const { commits, distinct, calls } = progress();
    return commits >= (goal.commits ?? 0) && distinct >= (goal.distinct ?? 0) && calls >= (goal.calls ?? 0);
  }

  return {
    until(goal, timeoutMs, done) {
      if (isReached(goal)) {
        done('reached');
        return () => {};
      }
      const cancel = () => {
        waiters.delete(waiter);
        cancelTimer();
      };
      const waiter: Waiter = {
        goal,
        finish(result) {
          cancel();
          done(result);
        },
      };
      const cancelTimer = clock.schedule(timeoutMs, () => waiter.finish('timed out'));
      waiters.add(waiter);
      return cancel;
    },
    notify() {
      for (const waiter of waiters) if (isReached(waiter.goal)) waiter.finish('reached');
    },
    close() {
      for (const waiter of waiters) waiter.finish('closing');
    },
  };
}
