import { describe, expect, test } from 'vitest';
import { InFlight } from './in-flight.ts';

const never = () => {
  throw new Error('had to give way');
};

describe('webhooks', () => {
  test('take a place when their body is there, and not while it comes in', () => {
    const inFlight = new InFlight(2, 100);
    const slow = Array.from({ length: 10 }, () => inFlight.enter());
    expect(slow.every(Boolean)).toBe(true);
    expect([inFlight.enter()?.work(), inFlight.enter()?.work()]).toEqual([true, true]);
    expect(inFlight.enter()).toBeUndefined();
    expect(slow[0]?.work()).toBe(false);
  });

  test('give it back', () => {
    const inFlight = new InFlight(1, 100);
    const place = inFlight.enter();
    place?.work();
    place?.leave();
    const refused = inFlight.enter();
    const next = inFlight.enter();
    expect(next?.work()).toBe(true);
    expect(refused?.work()).toBe(false);
    refused?.leave();
    expect(inFlight.enter()).toBeUndefined();
  });
});

describe('bytes', () => {
  test('have a cap, and come back', () => {
    const inFlight = new InFlight(10, 100);
    const place = inFlight.enter();
    expect([place?.take(60, never), place?.take(40, never), place?.take(1, never)]).toEqual([
      true,
      true,
      false,
    ]);
    place?.leave();
    expect(inFlight.enter()?.take(100, never)).toBe(true);
  });

  test('of the largest unfinished body give way to a smaller one', () => {
    const inFlight = new InFlight(10, 100);
    const gone: string[] = [];
    const [large, middle, small] = [inFlight.enter(), inFlight.enter(), inFlight.enter()];
    large?.take(60, () => gone.push('large'));
    middle?.take(40, () => gone.push('middle'));
    expect(small?.take(10, never)).toBe(true);
    expect(gone).toEqual(['large']);
    // Its bytes are free, and are not given back once more when it leaves.
    large?.leave();
    expect(inFlight.enter()?.take(51, never)).toBe(false);
    expect(inFlight.enter()?.take(50, never)).toBe(true);
  });

  test('of a body that is there stay, and so do those of smaller ones', () => {
    const inFlight = new InFlight(10, 100);
    const whole = inFlight.enter();
    whole?.take(60, never);
    whole?.work();
    inFlight.enter()?.take(40, never);
    expect(inFlight.enter()?.take(41, never)).toBe(false);
  });
});
