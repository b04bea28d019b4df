import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, type AnswerHeaders, refusalAnswer } from './answer.ts';
import { refuse } from './api-error.ts';
import { type Caller, identify } from './identity.ts';
import { rateHeaders } from './rate-window.ts';
import type { Sandbox } from './sandbox.ts';

export type Admission =
  | { readonly ok: true; readonly caller: Caller; readonly headers: AnswerHeaders }
  | { readonly ok: false; readonly answer: Answer };

/**
 * Decides whether a call may go on: identity, then the bot, then its limit.
 *
 * @param counts whether the call uses up the limit: creating does, reading does not
 */
export function admit(
  { bots, clock, newId }: Pick<Sandbox, 'bots' | 'clock' | 'newId'>,
  requestHeaders: IncomingHttpHeaders,
  counts: boolean,
): Admission {
  const identification = identify(requestHeaders);
  if (!identification.ok) return { ok: false, answer: refusalAnswer(identification.refusal, newId('err')) };
  const { caller } = identification;
  const refusal = bots.refusalOf(caller);
  if (refusal) return { ok: false, answer: refusalAnswer(refusal, newId('err')) };

  const window = bots.windowOf(caller.botId);
  if (!window) return { ok: true, caller, headers: {} };
  const reading = counts ? window.take(clock.now()) : window.peek(clock.now());
  if (counts && !reading.allowed) {
    const limited = refuse('RateLimited', `the limit of ${reading.limit} events a minute is reached`);
    return { ok: false, answer: refusalAnswer(limited, newId('err'), rateHeaders(reading)) };
  }
  // A read is never refused by the limit, so it must not tell its caller to come back later.
  return { ok: true, caller, headers: rateHeaders({ ...reading, allowed: true }) };
}
