import { expect, test } from 'vitest';
import { type ExpectedOutcome, Model } from './model.ts';

const WHERE = {
  created: new Map<string, number>(),
  dead: new Map<string, string>(),
  pending: new Set<string>(),
};

/** One webhook of that fate that was deliveryIds these ids, and where its deliveries are. */
function compare(fate: ExpectedOutcome, ids: readonly string[], where: Partial<typeof WHERE>) {
  const model = new Model();
  const webhook = {};
  model.expect(webhook, fate);
  const deliveryIds = new Map([[webhook, ids.length > 0 ? [new Set(ids)] : []]]);
  return model
    .compare({ deliveryIds, accepted: new Set(ids) }, { ...WHERE, ...where })
    .map(({ what }) => what);
}

test('finds nothing where all is as it must be', () => {
  expect(compare('event', ['a'], { created: new Map([['a', 1]]) })).toEqual([]);
  expect(compare('mapper_threw', ['a'], { dead: new Map([['a', 'mapper_threw']]) })).toEqual([]);
  expect(compare('ignored', [], {})).toEqual([]);
});

test.each<[string, ExpectedOutcome, string[], Partial<typeof WHERE>, string[]]>([
  ['lost', 'event', ['a'], {}, ['is nowhere, must be created']],
  ['doubled', 'event', ['a'], { created: new Map([['a', 2]]) }, ['is created 2 times, must be created']],
  ['pending', 'event', ['a'], { pending: new Set(['a']) }, ['is pending, must be created']],
  [
    'dead for another reason',
    'mapper_threw',
    ['a'],
    { dead: new Map([['a', 'crashed']]) },
    ['is dead crashed, must be dead mapper_threw'],
  ],
  [
    'dead and created',
    'event',
    ['a'],
    { created: new Map([['a', 1]]), dead: new Map([['a', 'ambiguous']]) },
    ['is created and dead ambiguous, must be created'],
  ],
  ['accepted twice', 'event', ['a', 'b'], { created: new Map([['a', 1]]) }, ['is nowhere, a second id of a']],
  ['accepted in spite of its topic', 'ignored', ['a'], {}, ['is of an ignored topic, and is a delivery']],
  [
    'there without a 2xx',
    'ignored',
    [],
    { dead: new Map([['b', 'crashed']]) },
    ['is there, and no 2xx deliveryIds of it'],
  ],
])('finds what is %s', (_, fate, ids, where, found) => {
  expect(compare(fate, ids, where)).toEqual(found);
});

test('finds what was never accepted', () => {
  const model = new Model();
  model.expect({}, 'event');
  expect(model.compare({ deliveryIds: new Map(), accepted: new Set() }, WHERE)).toHaveLength(1);
});
