/** With fewer expired entries, removing them costs more than keeping them. */
const COMPACT_THRESHOLD = 4_096;

export interface RateState {
  readonly allowed: boolean;
  readonly limit: number;
  /** Number of counted calls in the window. */
  readonly used: number;
  readonly remaining: number;
  /** Whole seconds until the oldest call leaves the window and makes room. */
  readonly resetSeconds: number;
}

/** A sliding window. Times are milliseconds since the epoch. */
export interface RateWindow {
  readonly limit: number;
  /** Counts a call if the window has room. A rejected call is not counted. */
  take(now: number): RateState;
  /** Returns the state without counting a call. */
  peek(now: number): RateState;
}

/** Creates an empty window for `limit` calls in `lengthMs` milliseconds. */
export function createRateWindow(limit: number, lengthMs: number): RateWindow {
  let times: number[] = [];
  let head = 0;

  function dropExpired(now: number): void {
    while (head < times.length && (times[head] as number) <= now - lengthMs) head++;
    if (head < COMPACT_THRESHOLD || head * 2 < times.length) return;
    times = times.slice(head);
    head = 0;
  }

  function read(now: number, allowed: boolean): RateState {
    const oldest = times[head] ?? now;
    const used = times.length - head;
    const resetSeconds = Math.ceil((oldest + lengthMs - now) / 1000);
    return { allowed, limit, used, remaining: Math.max(0, limit - used), resetSeconds };
  }

  return {
    limit,
    take(now) {
      dropExpired(now);
      const allowed = times.length - head < limit;
      if (allowed) times.push(now);
      return read(now, allowed);
    },
    peek(now) {
      dropExpired(now);
      return read(now, times.length - head < limit);
    },
  };
}
