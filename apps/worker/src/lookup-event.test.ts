import type { LookupResult } from '@sluice/botpress';
import { describe, expect, test } from 'vitest';
import { decideAmbiguous, decideLookup } from './lookup-event.ts';

const NOW = 1_790_000_000_000;
const lane = { connection: 'acme', bot: { id: 'bot-a', eventsPerMinute: 600 }, share: 1 };
const context = { now: NOW, random: () => 0.5, budget: 86_400_000, attemptsMade: 0, lane, left: 69_000 };
/** 18 attempts exhaust a budget of 24 h. */
const spent = { ...context, attemptsMade: 19 };

describe('an attempt without an answer', () => {
  test('is looked up on the retry schedule', () => {
    const outcome = decideAmbiguous('ECONNRESET', context);
    expect(outcome).toEqual({
      kind: 'retry',
      after: 1_000,
      cause: 'answer_lost',
      reason: 'ambiguous: ECONNRESET',
    });
  });

  test('that was the last one is looked up once more before it can become a dead letter', () => {
    expect(decideAmbiguous('ECONNRESET', spent)).toEqual({ kind: 'verifying', until: NOW + 69_000 });
  });
});

describe('a lookup', () => {
  test('that finds the event delivers it at any time and with any budget', () => {
    const delivered = { kind: 'delivered', eventId: 'evt_1', reconciled: true };
    expect(decideLookup({ kind: 'found', eventId: 'evt_1' }, context)).toEqual(delivered);
    expect(decideLookup({ kind: 'found', eventId: 'evt_1' }, spent)).toEqual(delivered);
  });

  test('that finds nothing proves nothing before the event must be listed', () => {
    expect(decideLookup({ kind: 'absent' }, context)).toEqual({ kind: 'verifying', until: NOW + 69_000 });
  });

  test('that finds nothing after that allows another attempt', () => {
    expect(decideLookup({ kind: 'absent' }, { ...context, left: 0 })).toBeUndefined();
  });

  test('that finds nothing when the budget is spent ends in retries_exhausted', () => {
    expect(decideLookup({ kind: 'absent' }, { ...spent, left: -1 })).toMatchObject({
      kind: 'dead',
      reason: 'retries_exhausted',
    });
  });

  test.each([
    [{ kind: 'unknown', reason: 'answered 500' }, 'answered 500'],
    [{ kind: 'refused', refusal: { status: 429, type: 'RateLimited', message: '' } }, '429 RateLimited'],
  ] as [LookupResult, string][])(
    'that fails (%j) is repeated, and nothing is sent, settled or not',
    (found, why) => {
      const again = {
        kind: 'retry',
        after: 1_000,
        cause: 'answer_lost',
        reason: `ambiguous: lookup failed: ${why}`,
      };
      expect(decideLookup(found, context)).toEqual(again);
      expect(decideLookup(found, { ...context, left: -1 })).toEqual(again);
    },
  );

  test('that fails until the budget is spent ends in ambiguous', () => {
    const outcome = decideLookup({ kind: 'unknown', reason: 'too many pages' }, spent);
    expect(outcome).toMatchObject({ kind: 'dead', reason: 'ambiguous' });
  });

  test('that is rate limited honors Retry-After', () => {
    const refusal = { status: 429, type: 'RateLimited', message: '', retryAfter: 60_000 };
    expect(decideLookup({ kind: 'refused', refusal }, context)).toMatchObject({ after: 66_000 });
  });

  test('that is refused for the token holds the delivery', () => {
    const refusal = { status: 401, type: 'Unauthorized', message: '' };
    const outcome = decideLookup({ kind: 'refused', refusal }, context);
    expect(outcome).toEqual({
      ...{ kind: 'held', until: NOW + 3_600_000, cause: 'refusals', reason: '401 Unauthorized' },
      ...{ status: 401, lane },
    });
  });
});
