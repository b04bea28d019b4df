import { setMaxListeners } from 'node:events';
import type { SampleRequest } from '@sluice/events';
import type { Outcome } from './post-webhook.ts';
import type { Clock } from './surroundings.ts';

export interface SendPlan {
  readonly count: number;
  /** Webhooks a second; as fast as answers come when undefined. */
  readonly rate?: number | undefined;
  /** At most so many without an answer at once. */
  readonly concurrency: number;
  readonly compose: (number: number) => SampleRequest;
  readonly post: (request: SampleRequest) => Promise<Outcome>;
  readonly clock: Clock;
}

/** Nobody is there: sending the rest would only repeat it. */
const HOPELESS = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** Sends webhooks 1 to `count` and returns their outcomes; stops early when nobody is there. */
export async function sendWebhooks(plan: SendPlan): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const stop = new AbortController();
  // Every wait for a turn listens, and Node takes more than ten for a leak.
  setMaxListeners(0, stop.signal);
  const awaitTurn = pace(plan, stop.signal);
  let last = 0;

  const lane = async (): Promise<void> => {
    while (last < plan.count && !stop.signal.aborted) {
      const number = ++last;
      await awaitTurn(number);
      if (stop.signal.aborted) return;
      const outcome = await plan.post(plan.compose(number));
      outcomes.push(outcome);
      if (isHopeless(outcome)) stop.abort();
    }
  };
  await Promise.all(Array.from({ length: Math.min(plan.concurrency, plan.count) }, lane));
  return outcomes;
}

/** Turns are counted from the start, so that slow answers do not lower the rate. */
function pace({ rate, clock }: SendPlan, signal: AbortSignal): (number: number) => Promise<void> {
  const started = clock.now();
  return async (number) => {
    const wait = rate ? started + ((number - 1) * 1_000) / rate - clock.now() : 0;
    if (wait > 0) await clock.delay(wait, signal);
  };
}

function isHopeless(outcome: Outcome): boolean {
  return !outcome.ok && HOPELESS.has(outcome.code);
}
