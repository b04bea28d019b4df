import type { AnswerHeaders } from './answer.ts';

const WINDOW_MS = 60_000;
/** Below this many stale entries, cutting them off costs more than keeping them. */
const COMPACT_AT = 4_096;

export interface RateReading {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Whole seconds until the oldest call leaves the window, so until there is room again. */
  readonly resetSeconds: number;
}

/** A sliding window of a minute, as Botpress documents its limiter. Times are milliseconds since the epoch. */
export interface RateWindow {
  /** Counts a call if there is room for it; a refused call is not counted. */
  take(now: number): RateReading;
  /** Reads without counting. */
  peek(now: number): RateReading;
}

/** Makes an empty window for `limit` calls a minute. */
export function createRateWindow(limit: number): RateWindow {
  let times: number[] = [];
  let head = 0;

  function forgetOld(now: number): void {
    while (head < times.length && (times[head] as number) <= now - WINDOW_MS) head++;
    if (head < COMPACT_AT || head * 2 < times.length) return;
    times = times.slice(head);
    head = 0;
  }

  function read(now: number, allowed: boolean): RateReading {
    const oldest = times[head] ?? now;
    const remaining = Math.max(0, limit - (times.length - head));
    return { allowed, limit, remaining, resetSeconds: Math.ceil((oldest + WINDOW_MS - now) / 1000) };
  }

  return {
    take(now) {
      forgetOld(now);
      const allowed = times.length - head < limit;
      if (allowed) times.push(now);
      return read(now, allowed);
    },
    peek(now) {
      forgetOld(now);
      return read(now, times.length - head < limit);
    },
  };
}

/** The headers that tell a caller where it stands. */
export function rateHeaders(reading: RateReading): AnswerHeaders {
  const headers = {
    'RateLimit-Limit': String(reading.limit),
    'RateLimit-Remaining': String(reading.remaining),
    'RateLimit-Reset': String(reading.resetSeconds),
  };
  return reading.allowed ? headers : { ...headers, 'Retry-After': String(reading.resetSeconds) };
}
