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

/** On a clock of its own. */
function createProbation() {
  const clock = { now: 1_790_000_000_000 };
  const probation = new SlowStart(() => clock.now);
  const enter = (connection = 'acme') => probation.acquire(connection);
  const isLet = (connection?: string) => 'end' in enter(connection);
  return { enter, isLet, clock };
}

function end(admission: CallPermit | RetryAfter | undefined, result?: SendResult): void {
  if (!admission || !('end' in admission)) throw new Error('it was turned away');
  admission.end(result);
}

test('limits an unproven connection to two concurrent calls without affecting others', () => {
  const { enter, isLet } = createProbation();
  const first = enter();
  expect(isLet()).toBe(true);
  expect(isLet()).toBe(false);
  expect(isLet('other')).toBe(true);
  end(first);
  expect(isLet()).toBe(true);
});

test('a denied call waits as long as calls have been denied so far, between 100 ms and 5 s', () => {
  const { enter, clock } = createProbation();
  const [first, second] = [enter(), enter()];
  expect(enter()).toEqual({ notBefore: 100 });
  clock.now += 700;
  expect(enter()).toEqual({ notBefore: 700 });
  clock.now += 8_000;
  expect(enter()).toEqual({ notBefore: 5_000 });
  for (const lost of [first, second]) end(lost, LOST);
  const [third] = [enter(), enter()];
  expect(enter()).toEqual({ notBefore: 5_000 });
  end(third, CREATED);
  clock.now += 2_000;
  enter();
  expect(enter()).toEqual({ notBefore: 100 });
});

test('an old denial does not prolong the wait', () => {
  const { enter, clock } = createProbation();
  const calls = [enter(), enter()];
  for (let second = 0; second < 10; second++) {
    enter();
    clock.now += 1_000;
  }
  for (const lost of calls) end(lost, LOST);
  clock.now += 10_000;
  for (let call = 0; call < 2; call++) enter();
  expect(enter()).toEqual({ notBefore: 100 });
});

describe('an answer', () => {
  test.each([
    ['an event', CREATED],
    ['an error of Botpress', refused(503)],
    ['a limit', refused(429)],
    ['an event refused', refused(400)],
  ])('proves the connection for two seconds: %s', (_, result) => {
    const { enter, isLet, clock } = createProbation();
    end(enter(), result);
    for (let call = 0; call < 50; call++) expect(isLet()).toBe(true);
    clock.now += 2_000;
    expect(isLet()).toBe(false);
  });

  test.each([
    ['lost', LOST],
    ['never asked for', NOT_SENT],
  ])('that is %s does not prove the connection', (_, result) => {
    const { enter, isLet } = createProbation();
    end(enter(), result);
    expect([isLet(), isLet(), isLet()]).toEqual([true, true, false]);
  });
});

test.each([401, 402, 403, 404])('a refusal with %i ends the proof at once', (status) => {
  const { enter, isLet } = createProbation();
  const [first, second] = [enter(), enter()];
  end(first, CREATED);
  const more = [enter(), enter()];
  end(second, refused(status));
  expect(isLet()).toBe(false);
  for (const admission of more) end(admission);
  expect(isLet()).toBe(true);
});
