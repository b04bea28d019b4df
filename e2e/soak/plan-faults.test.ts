import { expect, test } from 'vitest';
import { planFaults } from './plan-faults.ts';

const MANY = 500;

/** Returns the first fault groups of a seed. */
function plan(seed: number) {
  const troubles = planFaults(seed);
  return Array.from({ length: MANY }, () => troubles.next().value);
}

/** Returns their observable properties. */
const look = (seed: number) =>
  plan(seed).map(({ peace, faults }) => [
    peace,
    ...faults.map(({ fault, after, how: { ms, place, random } }) => [fault.name, after, ms, place, random()]),
  ]);

test('the same seed gives the same faults, another seed gives others', () => {
  expect(look(7)).toEqual(look(7));
  expect(look(7)).not.toEqual(look(8));
});

test('faults of a group affect different parts', () => {
  for (const { faults } of plan(1)) {
    const touched = faults.flatMap(({ fault }) => fault.affects);
    expect(new Set(touched).size).toBe(touched.length);
  }
});

test('durations are in range, and all kinds of faults occur', () => {
  const planned = plan(2).flatMap(({ faults }) => faults);
  for (const { fault, how } of planned) {
    expect(how.ms).toBeGreaterThanOrEqual(fault.duration[0]);
    expect(how.ms).toBeLessThanOrEqual(fault.duration[1]);
  }
  expect(new Set(planned.map(({ fault }) => fault.name)).size).toBe(19);
});
