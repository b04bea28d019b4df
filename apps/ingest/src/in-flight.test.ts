import { describe, expect, test } from 'vitest';
import { InFlight } from './in-flight.ts';

const onEvict = () => {
  throw new Error('evicted');
};

describe('webhooks in flight', () => {
  test('count once their body is complete, not while it is received', () => {
    const inFlight = new InFlight(2, 100);
    const slow = Array.from({ length: 10 }, () => inFlight.admit());
    expect(slow.every(Boolean)).toBe(true);
    expect([inFlight.admit()?.begin(), inFlight.admit()?.begin()]).toEqual([true, true]);
    expect(inFlight.admit()).toBeUndefined();
    expect(slow[0]?.begin()).toBe(false);
  });

  test('stop counting when they are released', () => {
    const inFlight = new InFlight(1, 100);
    const slot = inFlight.admit();
    slot?.begin();
    slot?.release();
    const refused = inFlight.admit();
    const next = inFlight.admit();
    expect(next?.begin()).toBe(true);
    expect(refused?.begin()).toBe(false);
    refused?.release();
    expect(inFlight.admit()).toBeUndefined();
  });
});

describe('bytes in flight', () => {
  test('are limited, and are free again after the release', () => {
    const inFlight = new InFlight(10, 100);
    const slot = inFlight.admit();
    expect([slot?.reserve(60, onEvict), slot?.reserve(40, onEvict), slot?.reserve(1, onEvict)]).toEqual([
      true,
      true,
      false,
    ]);
    slot?.release();
    expect(inFlight.admit()?.reserve(100, onEvict)).toBe(true);
  });

  test('of the largest incomplete body are evicted in favor of a smaller one', () => {
    const inFlight = new InFlight(10, 100);
    const evicted: string[] = [];
    const [large, middle, small] = [inFlight.admit(), inFlight.admit(), inFlight.admit()];
    large?.reserve(60, () => evicted.push('large'));
    middle?.reserve(40, () => evicted.push('middle'));
    expect(small?.reserve(10, onEvict)).toBe(true);
    expect(evicted).toEqual(['large']);
    // Its bytes are free already and are not released twice.
    large?.release();
    expect(inFlight.admit()?.reserve(51, onEvict)).toBe(false);
    expect(inFlight.admit()?.reserve(50, onEvict)).toBe(true);
  });

  test('of a complete body and of smaller bodies are not evicted', () => {
    const inFlight = new InFlight(10, 100);
    const whole = inFlight.admit();
    whole?.reserve(60, onEvict);
    whole?.begin();
    inFlight.admit()?.reserve(40, onEvict);
    expect(inFlight.admit()?.reserve(41, onEvict)).toBe(false);
  });
});
