import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, MemoryStore, type RateLimitRequestHandler, rateLimit } from 'express-rate-limit';
import { Problem } from '../problem.ts';

export interface RateLimits {
  /** A minute and address. */
  readonly requests: number;
  readonly failedSignIns: number;
}

export const RATE_LIMITS: RateLimits = { requests: 1_200, failedSignIns: 20 };

const shared = {
  windowMs: 60_000,
  legacyHeaders: false,
  // Who is behind a proxy is not looked for: whoever comes without one could say anything.
  validate: { xForwardedForHeader: false, forwardedHeader: false },
} as const;

/** Lets so many requests of an address through a minute. A proxy in front is one address. */
export function limitRequests(limit: number): RequestHandler {
  return rateLimit({
    ...shared,
    limit,
    standardHeaders: 'draft-8',
    handler: (_request, response) => {
      throw tooMany(`at most ${limit} requests a minute`, Number(response.getHeader('Retry-After')) || 60);
    },
  });
}

/** Counts sign-ins that failed, of each address; above so many a minute none is tried. */
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
      // Counted is all that it does here.
      handler: (_request, _response, next) => next(),
    });
  }

  /** Throws a Problem if there were too many: a right token is refused then as well, or guessing would go on. */
  async refuseMany(request: Request): Promise<void> {
    const seen = await this.#counter.getKey(ipKeyGenerator(request.ip ?? ''));
    if (!seen || seen.totalHits < this.#limit) return;
    const left = Math.ceil(((seen.resetTime?.getTime() ?? 0) - Date.now()) / 1_000);
    if (left > 0) throw tooMany('too many sign-ins from this address have failed', left);
  }

  async count(request: Request, response: Response): Promise<void> {
    await new Promise<void>((resolve) => void this.#counter(request, response, () => resolve()));
  }

  close(): void {
    this.#store.shutdown();
  }
}

function tooMany(detail: string, seconds: number): Problem {
  return new Problem('too_many_requests', detail, { headers: { 'Retry-After': String(seconds) } });
}
