import type { EventIds, LinkResult, SendResult } from '@sluice/botpress';
import { type Connection, Secret } from '@sluice/config';
import { createSourceRegistry, type SourceDefinition } from '@sluice/events';
import { expect, test } from 'vitest';
import { createLinkRecorder, sendLinked } from './send-linked.ts';

const connection: Connection = {
  id: 'group',
  source: createSourceRegistry().get('telegram') as SourceDefinition,
  secrets: [new Secret('secret')],
  settings: {},
  events: new Map(),
  botpress: { botId: 'bot-a', integrationId: 'int', token: new Secret('token') },
  link: { integration: 'telegram', token: new Secret('bot-token') },
  limits: { eventsPerMinute: 600, share: 1 },
  retry: { for: 86_400_000, reconcile: true },
  onInvalid: 'quarantine',
};

const CREATED: SendResult = { kind: 'created', eventId: 'evt_1' };
const OLD = { ids: { conversationId: 'conv_old' } };
const NEW = { ids: { conversationId: 'conv_new' } };
const refused = (status: number, type: string): SendResult => ({
  kind: 'refused',
  refusal: { status, type, message: '' },
});
const MISSING = refused(400, 'ReferenceNotFound');

/** Sends once and returns the result with the calls made, in order. */
async function send(links: readonly LinkResult[], results: readonly SendResult[]) {
  const calls: string[] = [];
  const next = <T>(list: readonly T[], name: string) => {
    const value = list[calls.filter((call) => call.startsWith(name)).length - 1];
    if (value === undefined) throw new Error(`no more ${name}`);
    return value;
  };
  const result = await sendLinked(
    {
      linker: {
        resolve: async ({ botToken }) => {
          calls.push(`resolve as ${botToken}`);
          return next(links, 'resolve');
        },
        forget: () => void calls.push('forget'),
        reject: (_target, _link, detail) => void calls.push(`reject: ${detail}`),
      },
      recordLink: (_connection, problem) => void calls.push(`record ${problem?.reason ?? 'linked'}`),
    },
    {
      target: { apiUrl: 'http://api', botId: 'bot-a', token: 'token' },
      connection,
      link: { channel: 'channel', conversation: { by: { id: '1' } } },
      send: async (ids: EventIds = {}) => {
        calls.push(`send ${ids.conversationId ?? 'without ids'}`);
        return next(results, 'send');
      },
    },
  );
  return { result, calls: calls.filter((call) => call !== 'resolve as bot-token') };
}

test('sends an event with its ids', async () => {
  expect(await send([OLD], [CREATED])).toEqual({
    result: CREATED,
    calls: ['send conv_old', 'record linked'],
  });
});

test('sends an event without ids when none are known', async () => {
  const problem = { reason: 'unavailable', detail: 'ECONNRESET' } as const;
  const { result, calls } = await send([{ ids: {}, problem }], [CREATED]);
  expect(result).toEqual(CREATED);
  expect(calls).toEqual(['send without ids', 'record unavailable']);
});

test('sends an event again with other ids when a record was deleted', async () => {
  const { result, calls } = await send([OLD, NEW], [MISSING, CREATED]);
  expect(result).toEqual(CREATED);
  expect(calls).toEqual(['send conv_old', 'forget', 'send conv_new', 'record linked']);
});

test.each([
  ['the same ids are found again', [OLD, OLD], [MISSING, CREATED], []],
  ['no ids are found again', [OLD, { ids: {} }], [MISSING, CREATED], []],
  ['the other ids are refused too', [OLD, NEW], [MISSING, MISSING, CREATED], ['send conv_new']],
])('sends an event without ids when %s', async (_case, links, results, between) => {
  const { result, calls } = await send(links, results);
  expect(result).toEqual(CREATED);
  expect(calls).toEqual([
    ...['send conv_old', 'forget', ...between, 'send without ids'],
    ...['reject: createEvent: 400 ReferenceNotFound', 'record rejected'],
  ]);
});

test.each([
  [403, 'Forbidden'],
  [404, 'ResourceGone'],
  [400, 'InvalidPayload'],
])('sends an event once more without ids after %i %s', async (status, type) => {
  const { result, calls } = await send([OLD], [refused(status, type), CREATED]);
  expect(result).toEqual(CREATED);
  expect(calls).toContain(`reject: createEvent: ${status} ${type}`);
});

test('does not blame the ids when the event is refused without them as well', async () => {
  const invalid = refused(400, 'InvalidPayload');
  const { result, calls } = await send([OLD], [invalid, invalid]);
  expect(result).toEqual(invalid);
  expect(calls).toEqual(['send conv_old', 'send without ids']);
});

test.each<SendResult>([
  { kind: 'ambiguous', reason: 'no answer within the timeout' },
  { kind: 'not_sent', reason: 'ECONNREFUSED' },
  refused(429, 'RateLimited'),
  refused(401, 'Unauthorized'),
  refused(500, 'Internal'),
])('never sends an event again after %j', async (result) => {
  expect(await send([OLD], [result])).toEqual({ result, calls: ['send conv_old', 'record linked'] });
});

test('counts every event and logs a problem once per connection and reason', () => {
  const lines: unknown[] = [];
  const counts: string[] = [];
  const log = (fields: unknown, event: unknown) => void lines.push([event, fields]);
  const record = createLinkRecorder({
    logger: { info: log, warn: log } as never,
    count: (source, outcome) => void counts.push(`${source} ${outcome}`),
  });
  record(connection);
  for (const detail of ['first', 'second']) record(connection, { reason: 'refused', detail });
  record({ ...connection, id: 'other' }, { reason: 'no_tags', detail: 'none' });
  expect(counts).toEqual(['telegram linked', 'telegram refused', 'telegram refused', 'telegram no_tags']);
  expect(lines).toEqual([
    ['event.not_linked', { connection: 'group', reason: 'refused', detail: 'first' }],
    ['event.not_linked', { connection: 'other', reason: 'no_tags', detail: 'none' }],
  ]);
});
