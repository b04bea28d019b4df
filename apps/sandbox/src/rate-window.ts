import type { ResponseHeaders } from './responses.ts';

const WINDOW_MS = 60_000;
/** With fewer expired entries, removing them costs more than keeping them. */
const COMPACT_THRESHOLD = 4_096;

export interface RateState {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Whole seconds until the oldest call leaves the window and makes room. */
  readonly resetSeconds: number;
}

/** A sliding window of a minute, as Botpress documents it. Times are milliseconds since the epoch. */
export interface RateWindow {
  /** Counts a call if the window has room. A rejected call is not counted. */
  take(now: number): RateState;
  /** Returns the state without counting a call. */
  peek(now: number): RateState;
}

/** Creates an empty window for `limit` calls per minute. */
export function createRateWindow(limit: number): RateWindow {
  let times: number[] = [];
  let head = 0;

  function dropExpired(now: number): void {
    while (head < times.length && (times[head] as number) <= now - WINDOW_MS) head++;
    if (head < COMPACT_THRESHOLD || head * 2 < times.length) return;
    times = times.slice(head);
    head = 0;
  }

  function read(now: number, allowed: boolean): RateState {
    const oldest = times[head] ?? now;
    const remaining = Math.max(0, limit - (times.length - head));
    return { allowed, limit, remaining, resetSeconds: Math.ceil((oldest + WINDOW_MS - now) / 1000) };
  }

  return {
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

/** Returns the `RateLimit-*` headers, and `Retry-After` if the call is not allowed. */
export function rateHeaders(state: RateState): ResponseHeaders {
  const headers = {
    'RateLimit-Limit': String(state.limit),
    'RateLimit-Remaining': String(state.remaining),
    'RateLimit-Reset': String(state.resetSeconds),
  };
  return state.allowed ? headers : { ...headers, 'Retry-After': String(state.resetSeconds) };
}
