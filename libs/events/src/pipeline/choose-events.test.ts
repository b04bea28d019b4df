import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineEvent, type EventDefinition } from '../definitions/define-event.ts';
import { defineSource } from '../definitions/define-source.ts';
import { chooseEvents, findEvent } from './choose-events.ts';

const event = (name: string, topic: string | string[], optIn = false): EventDefinition =>
  defineEvent({
    name,
    title: name,
    description: name,
    topic,
    optIn,
    input: z.looseObject({}),
    schema: z.object({}),
    map: () => ({}),
  });

const source = (events: EventDefinition[], named: EventDefinition[] = []) =>
  defineSource<unknown>({
    name: 'test',
    title: 'Test',
    settings: z.unknown(),
    deduplicationWindow: 1,
    keepHeaders: [],
    verify: () => ({ ok: true }),
    unpack: () => [],
    events,
    eventsOf: () => named,
  });

/** Returns the name of each topic's event under these switches. */
function choose(of: ReturnType<typeof source>, topics: string[], switches: Record<string, boolean> = {}) {
  const choice = chooseEvents(of, {}, switches);
  return choice.ok ? topics.map((topic) => findEvent(choice.events, topic)?.name) : choice;
}

describe('the events of a source', () => {
  const own = source([event('made', ['thing.made', 'thing.restored']), event('seen', 'thing.seen', true)]);

  test('are enabled except opt-in events', () => {
    expect(choose(own, ['thing.made', 'thing.restored', 'thing.seen', 'else'])).toEqual([
      'made',
      'made',
      undefined,
      undefined,
    ]);
  });

  test('are enabled and disabled by topic', () => {
    const switches = { 'thing.restored': false, 'thing.seen': true };
    expect(choose(own, ['thing.made', 'thing.restored', 'thing.seen'], switches)).toEqual([
      'made',
      undefined,
      'seen',
    ]);
  });

  test('reject a switch of an unknown topic and list the known topics', () => {
    expect(choose(own, [], { 'thing.mad': true })).toEqual({
      ok: false,
      unknownTopics: ['thing.mad'],
      knownTopics: ['thing.made', 'thing.restored', 'thing.seen'],
    });
  });
});

describe('the events of settings', () => {
  const named = source([], [event('paid', 'invoice.paid'), event('other', '*')]);

  test('match topics without an event under *', () => {
    expect(choose(named, ['invoice.paid', 'user.created'])).toEqual(['paid', 'other']);
  });

  test('stay disabled for a disabled topic that * would match', () => {
    const switches = { 'invoice.paid': false, 'user.deleted': false };
    expect(choose(named, ['invoice.paid', 'user.deleted', 'user.created'], switches)).toEqual([
      undefined,
      undefined,
      'other',
    ]);
  });
});
