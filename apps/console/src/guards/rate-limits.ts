import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, MemoryStore, type RateLimitRequestHandler, rateLimit } from 'express-rate-limit';
import { Problem } from '../http/problem.ts';

/** Limits per minute and address. */
export interface RateLimits {
  readonly requests: number;
  readonly failedSignIns: number;
}

export const RATE_LIMITS: RateLimits = { requests: 1_200, failedSignIns: 20 };

const shared = {
  windowMs: 60_000,
  legacyHeaders: false,
  // Forwarding headers are ignored, because a client without a proxy can send any value.
  validate: { xForwardedForHeader: false, forwardedHeader: false },
} as const;

/** Limits the requests of an address per minute. A reverse proxy counts as one address. */
export function limitRequests(limit: number): RequestHandler {
  return rateLimit({
    ...shared,
    limit,
    standardHeaders: 'draft-8',
    handler: (_request, response) => {
      const seconds = Number(response.getHeader('Retry-After')) || 60;
      throw tooMany(`More than ${limit} requests per minute.`, seconds);
    },
  });
}

/** Counts failed sign-ins of each address. Above the limit, sign-ins are rejected until the minute is over. */
export class FailedSignIns {
  readonly #limit: number;
  readonly #store = new MemoryStore();
  readonly #counter: RateLimitRequestHandler;

  constructor(limit: number) {
    this.#limit = limit;
    this.#counter = rateLimit({
      ...shared,
      store: this.#store,
      limit,
      standardHeaders: false,
      // Counts only. `rejectAboveLimit` rejects.
      handler: (_request, _response, next) => next(),
    });
  }

  /**
   * Rejects sign-ins above the limit. A valid token is rejected as well, otherwise guessing would continue.
   *
   * @throws Problem `too_many_requests`
   */
  async rejectAboveLimit(request: Request): Promise<void> {
    const seen = await this.#counter.getKey(ipKeyGenerator(request.ip ?? ''));
    if (!seen || seen.totalHits < this.#limit) return;
    const left = Math.ceil(((seen.resetTime?.getTime() ?? 0) - Date.now()) / 1_000);
    if (left > 0) throw tooMany('Too many failed sign-ins from this address.', left);
  }

  async count(request: Request, response: Response): Promise<void> {
    await new Promise<void>((resolve) => void this.#counter(request, response, () => resolve()));
  }

  close(): void {
    this.#store.shutdown();
  }
}

function tooMany(detail: string, seconds: number): Problem {
  const retry = `Retry in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`;
  return new Problem('too_many_requests', `${detail} ${retry}`, {
    headers: { 'Retry-After': String(seconds) },
  });
}
