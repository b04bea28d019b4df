import type { Clock } from './clock.ts';

export interface Progress {
  readonly commits: number;
  readonly distinct: number;
  readonly calls: number;
}

/** Reached when every number of it is. */
export type WaitGoal = Partial<Progress>;

export type WaitResult = 'reached' | 'timed out' | 'closing';

/** Those who wait for a number of commits or calls. */
export interface Waits {
  /** Calls `done` once, at once if the goal is reached already; returns how to give up without a call. */
  until(goal: WaitGoal, timeoutMs: number, done: (result: WaitResult) => void): () => void;
  /** To be called after every commit and call. */
  notify(): void;
  /** Tells all that the sandbox closes. */
  close(): void;
}

interface Waiter {
  readonly goal: WaitGoal;
  finish(result: WaitResult): void;
}

/** Makes an empty waiting room over what `progress` reads. */
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
      const giveUp = () => {
        waiters.delete(waiter);
        cancelTimer();
      };
      const waiter: Waiter = {
        goal,
        finish(result) {
          giveUp();
          done(result);
        },
      };
      const cancelTimer = clock.schedule(timeoutMs, () => waiter.finish('timed out'));
      waiters.add(waiter);
      return giveUp;
    },
    notify() {
      for (const waiter of waiters) if (isReached(waiter.goal)) waiter.finish('reached');
    },
    close() {
      for (const waiter of waiters) waiter.finish('closing');
    },
  };
}
