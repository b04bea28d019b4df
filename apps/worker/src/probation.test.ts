import { expect, test } from 'vitest';
import { Probation } from './probation.ts';

/** On a clock of its own. */
function createProbation() {
  const clock = { now: 1_790_000_000_000 };
  return { probation: new Probation(() => clock.now), clock };
}

test('an unproven connection has two under way, and others go on', () => {
  const { probation } = createProbation();
  const first = probation.enter('acme');
  expect(probation.enter('acme')).toBeDefined();
  expect(probation.enter('acme')).toBeUndefined();
  expect(probation.enter('other')).toBeDefined();
  first?.end();
  expect(probation.enter('acme')).toBeDefined();
});

test('a success lets all through, for two seconds', () => {
  const { probation, clock } = createProbation();
  probation.enter('acme')?.end('created');
  for (let call = 0; call < 50; call++) expect(probation.enter('acme')).toBeDefined();
  clock.now += 2_000;
  expect(probation.enter('acme')).toBeUndefined();
});

test('a refusal ends that at once', () => {
  const { probation } = createProbation();
  const [first, second] = [probation.enter('acme'), probation.enter('acme')];
  first?.end('created');
  const more = [probation.enter('acme'), probation.enter('acme')];
  second?.end('refused');
  expect(probation.enter('acme')).toBeUndefined();
  for (const leave of more) leave?.end();
  expect(probation.enter('acme')).toBeDefined();
});
