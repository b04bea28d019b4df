import { expect, test } from 'vitest';
import { type ExpectedOutcome, Model } from './model.ts';

const WHERE = {
  created: new Map<string, number>(),
  dead: new Map<string, string>(),
  pending: new Set<string>(),
};

/** Compares one webhook that got these delivery ids with the locations of its deliveries. */
function compare(fate: ExpectedOutcome, ids: readonly string[], where: Partial<typeof WHERE>) {
  const model = new Model();
  const webhook = {};
  model.expect(webhook, fate);
  const deliveryIds = new Map([[webhook, ids.length > 0 ? [new Set(ids)] : []]]);
  return model
    .compare({ deliveryIds, accepted: new Set(ids) }, { ...WHERE, ...where })
    .map(({ what }) => what);
}

test('finds no problem if all deliveries are where they are expected', () => {
  expect(compare('event', ['a'], { created: new Map([['a', 1]]) })).toEqual([]);
  expect(compare('mapper_threw', ['a'], { dead: new Map([['a', 'mapper_threw']]) })).toEqual([]);
  expect(compare('ignored', [], {})).toEqual([]);
});

test.each<[string, ExpectedOutcome, string[], Partial<typeof WHERE>, string[]]>([
  ['lost', 'event', ['a'], {}, ['is missing, expected created']],
  ['doubled', 'event', ['a'], { created: new Map([['a', 2]]) }, ['is created 2 times, expected created']],
  ['pending', 'event', ['a'], { pending: new Set(['a']) }, ['is pending, expected created']],
  [
    'dead with another reason',
    'mapper_threw',
    ['a'],
    { dead: new Map([['a', 'crashed']]) },
    ['is dead crashed, expected dead mapper_threw'],
  ],
  [
    'dead and created',
    'event',
    ['a'],
    { created: new Map([['a', 1]]), dead: new Map([['a', 'ambiguous']]) },
    ['is created and dead ambiguous, expected created'],
  ],
  ['accepted twice', 'event', ['a', 'b'], { created: new Map([['a', 1]]) }, ['is missing, a second id of a']],
  ['accepted with a disabled topic', 'ignored', ['a'], {}, ['has a disabled topic, but is a delivery']],
  [
    'stored without a 2xx',
    'ignored',
    [],
    { dead: new Map([['b', 'crashed']]) },
    ['is stored, but was not acknowledged'],
  ],
])('finds a delivery that is %s', (_, fate, ids, where, found) => {
  expect(compare(fate, ids, where)).toEqual(found);
});

test('finds a webhook that was never accepted', () => {
  const model = new Model();
  model.expect({}, 'event');
  expect(model.compare({ deliveryIds: new Map(), accepted: new Set() }, WHERE)).toHaveLength(1);
});
