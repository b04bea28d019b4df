import type { Clock } from '../clock.ts';

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /** Goes on by `ms` milliseconds and runs what is due. */
  advance(ms: number): void;
  /** Resolves when something is scheduled and not yet run, so that a test knows that it is time to advance. */
  whenScheduled(): Promise<void>;
}

/** Makes a clock that stands at `start`, in milliseconds since the epoch. */
export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  const tasks = new Map<symbol, { readonly due: number; readonly task: () => void }>();
  const watchers = new Set<() => void>();
  return {
    now: () => now,
    schedule(ms, task) {
      const key = Symbol();
      tasks.set(key, { due: now + ms, task });
      for (const tell of watchers) tell();
      watchers.clear();
      return () => void tasks.delete(key);
    },
    advance(ms) {
      now += ms;
      for (const [key, { due, task }] of [...tasks]) {
        if (due > now) continue;
        tasks.delete(key);
        task();
      }
    },
    whenScheduled: () =>
      tasks.size > 0 ? Promise.resolve() : new Promise<void>((resolve) => void watchers.add(resolve)),
  };
}
