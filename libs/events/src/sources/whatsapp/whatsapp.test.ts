import { describe, expect, test } from 'vitest';
import { chosen, receive } from './test-support/receive.ts';

const metadata = { display_phone_number: '15550100000', phone_number_id: '106' };
const message = { id: 'wamid.A', from: '15550101', timestamp: '1790000000', type: 'text' };
const status = { id: 'wamid.A', status: 'read', timestamp: '1790000000', recipient_id: '15550101' };
const template = {
  event: 'PAUSED',
  message_template_id: 7,
  message_template_name: 'hello',
  message_template_language: 'pt_BR',
};
const wrap = (value: object, field = 'messages') =>
  JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '9', changes: [{ field, value }] }] });

/** Returns the payload of the only event that a value becomes, without deliveryId. */
function payloadOf(value: object, field?: string) {
  const [item] = receive(wrap(value, field)).items;
  if (!item?.mapping.ok) throw new Error(JSON.stringify(item));
  const { deliveryId, ...payload } = item.mapping.event.payload;
  expect(deliveryId).toMatch(/^dlv_/);
  return payload;
}

describe('messageReceived', () => {
  test('has sender, content, phone number and time', () => {
    const contacts = [{ wa_id: '15550101', user_id: 'US.1', profile: { name: 'Zoë' } }];
    const sent = { ...message, text: { body: 'Grüße' }, context: { id: 'wamid.B' } };
    expect(payloadOf({ metadata, contacts, messages: [sent] })).toEqual({
      messageId: 'wamid.A',
      from: '15550101',
      userId: 'US.1',
      profileName: 'Zoë',
      phoneNumberId: '106',
      displayPhoneNumber: '15550100000',
      timestamp: '2026-09-21T14:13:20.000Z',
      type: 'text',
      text: 'Grüße',
      message: sent,
    });
  });

  test('accepts a message with the minimum of fields', () => {
    const bare = { id: 'wamid.A', timestamp: 1_790_000_000, from: null, type: null, text: null };
    expect(payloadOf({ metadata: { phone_number_id: '106' }, messages: [bare] })).toEqual({
      messageId: 'wamid.A',
      phoneNumberId: '106',
      timestamp: '2026-09-21T14:13:20.000Z',
      type: 'unknown',
      message: bare,
    });
  });

  test('accepts a person with only a business-scoped id', () => {
    const sent = { id: 'wamid.A', from_user_id: 'US.1', timestamp: '1790000000', type: 'text' };
    expect(payloadOf({ metadata, messages: [sent] })).toMatchObject({ userId: 'US.1' });
    const contacts = [{ user_id: 'US.2', profile: { username: 'zoe' } }];
    const payload = payloadOf({ metadata, contacts, messages: [{ ...sent, from_user_id: undefined }] });
    expect(payload).toMatchObject({ userId: 'US.2' });
    expect(payload).not.toHaveProperty('from');
    expect(payload).not.toHaveProperty('profileName');
  });

  test('is disabled until its topic is enabled', () => {
    expect(receive(wrap({ metadata, messages: [message] }), chosen())).toMatchObject({
      items: [],
      ignored: 1,
    });
    expect([...chosen().keys()]).toEqual([
      'messages.request_welcome',
      'statuses',
      'message_template_status_update',
    ]);
  });
});

test('chatOpened has person, phone number and time', () => {
  const welcome = { ...message, type: 'request_welcome' };
  const contacts = [{ wa_id: '15550101', profile: { name: 'Zoë' } }];
  expect(payloadOf({ metadata, contacts, messages: [welcome] })).toEqual({
    messageId: 'wamid.A',
    from: '15550101',
    profileName: 'Zoë',
    phoneNumberId: '106',
    displayPhoneNumber: '15550100000',
    timestamp: '2026-09-21T14:13:20.000Z',
  });
});

test.each(['sent', 'delivered', 'read', 'played', 'failed', 'deleted', 'warning', 'to be invented'])(
  'messageStatusChanged accepts the status %s',
  (name) => {
    const errors = [{ code: 131_047, title: 'Re-engagement message' }];
    const extras = { errors, conversation: { id: 'c' }, pricing: { billable: true } };
    expect(payloadOf({ metadata, statuses: [{ ...status, status: name, ...extras }] })).toEqual({
      messageId: 'wamid.A',
      status: name,
      recipient: '15550101',
      phoneNumberId: '106',
      displayPhoneNumber: '15550100000',
      timestamp: '2026-09-21T14:13:20.000Z',
      ...extras,
    });
  },
);

test('templateStatusChanged has the exact id, and no reason if Meta sends none', () => {
  const field = 'message_template_status_update';
  expect(payloadOf({ ...template, reason: null }, field)).toEqual({
    templateId: '7',
    name: 'hello',
    language: 'pt_BR',
    event: 'PAUSED',
    update: { ...template, reason: null },
  });
  const exact = wrap({ ...template, reason: 'SCAM' }, field).replace(':7,', ':820982911946154508,');
  const [item] = receive(exact).items;
  expect(item?.mapping).toMatchObject({
    event: { payload: { templateId: '820982911946154508', reason: 'SCAM' } },
  });
});

describe('an item without a required value has issues', () => {
  test.each<[string, object, string]>([
    ['a message without an id', { metadata, messages: [{ ...message, id: undefined }] }, 'message.id'],
    [
      'a message without a time',
      { metadata, messages: [{ ...message, timestamp: '' }] },
      'message.timestamp',
    ],
    ['a time as a word', { metadata, messages: [{ ...message, timestamp: 'now' }] }, 'message.timestamp'],
    ['a time out of range', { metadata, statuses: [{ ...status, timestamp: 1e300 }] }, 'status.timestamp'],
    [
      'a time in the year 285,428',
      { metadata, statuses: [{ ...status, timestamp: 9e15 }] },
      'status.timestamp',
    ],
    ['a message that is null', { metadata, messages: [null] }, 'message'],
    ['a number as sender', { metadata, messages: [{ ...message, from: 5 }] }, 'message.from'],
    ['no phone number', { messages: [message] }, 'metadata'],
    ['a status without status', { metadata, statuses: [{ ...status, status: null }] }, 'status.status'],
  ])('for %s', (_name, value, path) => {
    const [item] = receive(wrap(value)).items;
    expect(item?.issues.map((issue) => issue.path)).toEqual([path]);
    expect(item?.mapping).toMatchObject({ ok: false, reason: 'invalid_input' });
  });
});
