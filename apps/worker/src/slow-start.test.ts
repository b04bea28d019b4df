import type { SendResult } from '@sluice/botpress';
import { describe, expect, test } from 'vitest';
import { type CallPermit, type RetryAfter, SlowStart } from './slow-start.ts';

const CREATED: SendResult = { kind: 'created', eventId: 'evt_1' };
const LOST: SendResult = { kind: 'ambiguous', reason: 'timeout' };
const NOT_SENT: SendResult = { kind: 'not_sent', reason: 'connection refused' };

const refused = (status: number): SendResult => ({
  kind: 'refused',
  refusal: { status, type: 'Type', message: 'no' },
});

/** Creates a slow start on a fake clock. */
function createSlowStart() {
  const clock = { now: 1_790_000_000_000 };
  const slowStart = new SlowStart(() => clock.now);
  const acquire = (connection = 'acme') => slowStart.acquire(connection);
  const isPermitted = (connection?: string) => 'end' in acquire(connection);
  return { acquire, isPermitted, clock };
}

function end(admission: CallPermit | RetryAfter | undefined, result?: SendResult): void {
  if (!admission || !('end' in admission)) throw new Error('it was turned away');
  admission.end(result);
}

test('limits an unproven connection to two concurrent calls without affecting others', () => {
  const { acquire, isPermitted } = createSlowStart();
  const first = acquire();
  expect(isPermitted()).toBe(true);
  expect(isPermitted()).toBe(false);
  expect(isPermitted('other')).toBe(true);
  end(first);
  expect(isPermitted()).toBe(true);
});

test('a denied call waits as long as calls have been denied so far, between 100 ms and 5 s', () => {
  const { acquire, clock } = createSlowStart();
  const [first, second] = [acquire(), acquire()];
  expect(acquire()).toEqual({ notBefore: 100 });
  clock.now += 700;
  expect(acquire()).toEqual({ notBefore: 700 });
  clock.now += 8_000;
  expect(acquire()).toEqual({ notBefore: 5_000 });
  for (const lost of [first, second]) end(lost, LOST);
  const [third] = [acquire(), acquire()];
  expect(acquire()).toEqual({ notBefore: 5_000 });
  end(third, CREATED);
  clock.now += 2_000;
  acquire();
  expect(acquire()).toEqual({ notBefore: 100 });
});

test('an old denial does not prolong the wait', () => {
  const { acquire, clock } = createSlowStart();
  const calls = [acquire(), acquire()];
  for (let second = 0; second < 10; second++) {
    acquire();
    clock.now += 1_000;
  }
  for (const lost of calls) end(lost, LOST);
  clock.now += 10_000;
  for (let call = 0; call < 2; call++) acquire();
  expect(acquire()).toEqual({ notBefore: 100 });
});

describe('an answer', () => {
  test.each([
    ['an event', CREATED],
    ['an error of Botpress', refused(503)],
    ['a limit', refused(429)],
    ['an event refused', refused(400)],
  ])('proves the connection for two seconds: %s', (_, result) => {
    const { acquire, isPermitted, clock } = createSlowStart();
    end(acquire(), result);
    for (let call = 0; call < 50; call++) expect(isPermitted()).toBe(true);
    clock.now += 2_000;
    expect(isPermitted()).toBe(false);
  });

  test.each([
    ['lost', LOST],
    ['never asked for', NOT_SENT],
  ])('that is %s does not prove the connection', (_, result) => {
    const { acquire, isPermitted } = createSlowStart();
    end(acquire(), result);
    expect([isPermitted(), isPermitted(), isPermitted()]).toEqual([true, true, false]);
  });
});

test.each([401, 402, 403, 404])('a refusal with %i ends the proof at once', (status) => {
  const { acquire, isPermitted } = createSlowStart();
  const [first, second] = [acquire(), acquire()];
  end(first, CREATED);
  const more = [acquire(), acquire()];
  end(second, refused(status));
  expect(isPermitted()).toBe(false);
  for (const admission of more) end(admission);
  expect(isPermitted()).toBe(true);
});
