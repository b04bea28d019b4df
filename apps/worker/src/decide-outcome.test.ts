import { describe, expect, test } from 'vitest';
import { decideOutcome, type KnownResult } from './decide-outcome.ts';

const NOW = 1_790_000_000_000;
const lane = { connection: 'acme', bot: { id: 'bot-a', eventsPerMinute: 600 }, share: 1 };
const context = { now: NOW, random: () => 0.5, budget: 86_400_000, attemptsMade: 0, lane };

const refused = (status: number, type: string, more = {}): KnownResult => ({
  kind: 'refused',
  refusal: { status, type, message: 'words', ...more },
});

test('a created event is delivered', () => {
  const outcome = decideOutcome({ kind: 'created', eventId: 'evt_1' }, context);
  expect(outcome).toEqual({ kind: 'delivered', eventId: 'evt_1', reconciled: false });
});

test('a call that was never sent is retried', () => {
  const reason = 'not sent: ECONNREFUSED';
  expect(decideOutcome({ kind: 'not_sent', reason: 'ECONNREFUSED' }, context)).toEqual({
    kind: 'retry',
    after: 1_000,
    cause: 'not_sent',
    reason,
    detail: { message: reason },
  });
});

test.each([
  [425, 'Unknown'],
  [429, 'RateLimited'],
  [500, 'Internal'],
  [503, 'Unknown'],
])('%i %s is retried with the detail of the refusal', (status, type) => {
  expect(decideOutcome(refused(status, type), context)).toEqual({
    kind: 'retry',
    after: 1_000,
    cause: 'refused',
    reason: `${status} ${type}`,
    detail: { message: 'words', status, type },
  });
});

test('a refusal with Retry-After is not retried earlier', () => {
  const outcome = decideOutcome(refused(429, 'RateLimited', { retryAfter: 60_000 }), context);
  expect(outcome).toMatchObject({ kind: 'retry', after: 66_000 });
});

test.each([
  [401, 'Unauthorized'],
  [402, 'PaymentRequired'],
  [403, 'Forbidden'],
  [403, 'QuotaExceeded'],
  [404, 'ResourceNotFound'],
])('%i %s holds the delivery in its connection queue', (status, type) => {
  const outcome = decideOutcome(refused(status, type), context);
  expect(outcome).toEqual({
    kind: 'held',
    until: NOW + 3_600_000,
    cause: 'refusals',
    reason: `${status} ${type}`,
    status,
    lane,
  });
});

describe('a delivery becomes a dead letter', () => {
  test.each([
    [400, 'InvalidPayload', 'rejected'],
    [409, 'AlreadyExists', 'rejected'],
    [413, 'PayloadTooLarge', 'too_large'],
    [302, 'Unknown', 'rejected'],
  ])('on %i %s, without a retry', (status, type, reason) => {
    const outcome = decideOutcome(refused(status, type, { errorId: 'err_1' }), context);
    expect(outcome).toEqual({
      kind: 'dead',
      reason,
      detail: { message: 'words', status, type, errorId: 'err_1' },
    });
  });

  test('when the retry budget is spent, with the result of the last attempt', () => {
    const outcome = decideOutcome(refused(500, 'Internal', { errorId: 'err_9' }), {
      ...context,
      attemptsMade: 19,
    });
    expect(outcome).toEqual({
      kind: 'dead',
      reason: 'retries_exhausted',
      detail: {
        message: '20 attempts failed, the last: 500 Internal',
        status: 500,
        type: 'Internal',
        errorId: 'err_9',
      },
    });
  });
});
