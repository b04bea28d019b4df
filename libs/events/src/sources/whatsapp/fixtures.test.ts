import { readSharedFixtures } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import { receive } from './test-support/receive.ts';

const received = (type: string, more = {}) => ['messageReceived', { type, ...more }];
const changed = (name: string) => ['messageStatusChanged', { status: name }];

/** What each captured payload becomes: its events in order, and the number of ignored items. */
const expected: Record<string, { events: unknown[]; ignored?: number }> = {
  'batch-multi-message-multi-change.piusalfred.json': {
    events: [
      received('text', { messageId: 'wamid.TEXT123', profileName: 'John Doe' }),
      received('unknown', { messageId: 'wamid.LOC789', message: { location: { name: 'San Francisco' } } }),
      received('reaction', { messageId: 'wamid.RXN001' }),
      received('sticker', { messageId: 'wamid.STK002' }),
    ],
    ignored: 1,
  },
  'contact-without-profile.netflie.json': { events: [received('text', { text: 'MESSAGE_BODY' })] },
  'deleted_message-revoke.pywa.json': { events: [received('revoke', { profileName: 'Test Name' })] },
  'message-contacts.pywa.json': { events: [received('contacts')] },
  'message-interactive-error.pywa.json': { events: [received('interactive')], ignored: 1 },
  'message-order.pywa.json': { events: [received('order')] },
  'message-referral.pywa.json': { events: [received('text', { text: 'BODY' })] },
  'message-reply-context.cp4m.json': {
    events: [received('text', { from: '12027330824', profileName: 'Bob Bobson' })],
  },
  'message-text.pywa.json': {
    events: [
      received('text', {
        text: 'Body Text',
        userId: 'US.13491208655302741918',
        timestamp: '2023-10-11T16:53:43.000Z',
      }),
    ],
  },
  'message-unreaction-no-emoji.pywa.json': { events: [received('reaction')] },
  'request_welcome.cp4m.json': {
    events: [['chatOpened', { from: '16315551181', profileName: 'test user name' }]],
  },
  'status-delivered.pywa.json': { events: [changed('delivered')] },
  'status-failed-131047.cp4m.json': {
    events: [
      ['messageStatusChanged', { status: 'failed', errors: [expect.objectContaining({ code: 131_047 })] }],
    ],
  },
  'status-failed.pywa.json': { events: [changed('failed')] },
  'status-played.pywa.json': { events: [changed('played')] },
  'status-read.pywa.json': { events: [changed('read')] },
  'status-sent.pywa.json': { events: [changed('sent')] },
  'status-with_tracker.pywa.json': {
    events: [['messageStatusChanged', { status: 'sent', callbackData: 'some data' }]],
  },
  'template_status_update-approved.pywa.json': {
    events: [
      ['templateStatusChanged', { templateId: '1689556908129832', event: 'APPROVED', reason: 'NONE' }],
    ],
  },
};

const shared = readSharedFixtures('whatsapp');
describe.skipIf(shared.length === 0)('captured WhatsApp payloads', () => {
  test('all have an expectation', () => {
    expect(shared.map(({ name }) => name)).toEqual(Object.keys(expected));
  });

  test.each(shared.map(({ name, json }) => ({ name, json })))(
    'become the expected events: $name',
    ({ name, json }) => {
      const { items, ignored } = receive(JSON.stringify(json));
      expect(items.flatMap(({ issues }) => issues)).toEqual([]);
      const events = items.map(({ mapping }) => mapping.ok && [mapping.event.type, mapping.event.payload]);
      expect(events).toMatchObject(expected[name]?.events ?? []);
      expect(items).toHaveLength(expected[name]?.events.length ?? -1);
      expect(ignored).toBe(expected[name]?.ignored ?? 0);
      for (const { mapping } of items) {
        if (mapping.ok) expect(Object.values(mapping.event.payload)).not.toContain(null);
      }
    },
  );
});
