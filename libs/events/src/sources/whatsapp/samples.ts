import { createHmac } from 'node:crypto';
import { composerOf, type SampleRequest, type SourceSamples } from '../../definitions/samples.ts';
import { escapeNonAscii } from './escape-non-ascii.ts';
import { topics } from './topics.ts';

type Compose = (number: number, now: number) => SampleChange;

/** Not a topic but several in one request: two accounts and seven items, two of them without an event. */
const BATCH = 'batch';
const batchComposers: readonly Compose[] = [
  composeMessage,
  composeWelcome,
  composeStatus,
  composeStatus,
  composePreference,
  composeError,
  composeTemplateStatus,
];

const composers: Readonly<Record<string, readonly Compose[]>> = {
  [topics.message]: [composeMessage],
  [topics.chatOpened]: [composeWelcome],
  [topics.status]: [composeStatus],
  [topics.templateStatus]: [composeTemplateStatus],
  [topics.error]: [composeError],
  [topics.other]: [composePreference],
  [BATCH]: batchComposers,
};

/** Sample webhooks written after Meta's documentation; fields that real payloads lack are omitted. */
export const whatsappSamples: SourceSamples = {
  topics: Object.keys(composers),
  compose(topic, { number, now }): SampleRequest {
    const composed = composerOf(composers, topic);
    // The numbers of two batches do not overlap.
    const changes = composed.map((compose, index) => compose(number * composed.length + index, now));
    return {
      headers: { 'content-type': 'application/json', 'user-agent': 'facebookexternalua' },
      body: JSON.stringify({ object: 'whatsapp_business_account', entry: composeEntries(changes, now) }),
    };
  },
  sign(request, secret) {
    const bytes = Buffer.from(request.body);
    const signature = createHmac('sha256', secret).update(escapeNonAscii(bytes) ?? bytes);
    const header = `sha256=${signature.digest('hex')}`;
    return { ...request, headers: { ...request.headers, 'x-hub-signature-256': header } };
  },
};

/** Splits the changes between two accounts. Only entries with changes other than messages have a time. */
function composeEntries(changes: readonly SampleChange[], now: number) {
  const half = Math.ceil(changes.length / 2);
  const parts = [changes.slice(0, half), changes.slice(half)].filter((part) => part.length > 0);
  return parts.map((part, index) => {
    const timed = part.some(({ field }) => field !== 'messages');
    const time = timed ? { time: Math.floor(now / 1000) } : {};
    return { id: String(102_290_129_340_398 + index), ...time, changes: part };
  });
}

/** One element of `entry[].changes[]`. */
interface SampleChange {
  readonly field: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const PEOPLE = [
  { name: 'Zoë Müller', text: 'Grüße! Ist der Tisch am Fenster noch frei?' },
  { name: '佐藤 美咲', text: '予約を確認したいです 🙏' },
  { name: 'Amina Diallo', text: 'Bonjour, où est ma commande ?' },
  { name: 'Sam Lee', text: 'Thanks, 5/5!' },
] as const;

/** Every fourth person hides the phone number behind a business-scoped id. */
const HIDES_NUMBER = 4;

const METADATA = { display_phone_number: '15550100000', phone_number_id: '106540352242922' };

const personOf = (number: number) => PEOPLE[number % PEOPLE.length] ?? PEOPLE[0];
const phoneOf = (number: number) => `1555${String(1_000_000 + number)}`;
const userIdOf = (number: number) => `US.${13_491_208_000_000 + number}`;
const secondsOf = (now: number) => String(Math.floor(now / 1000));

/** Ids of messages are a few bytes in base64; the same for the same number. */
const messageId = (number: number) =>
  `wamid.${Buffer.from(`sluice sample message ${number}`).toString('base64')}`;

function composeValue(number: number, lists: Readonly<Record<string, unknown>>) {
  const numberIsHidden = number % HIDES_NUMBER === 0;
  const contact = {
    profile: { name: personOf(number).name },
    ...(numberIsHidden ? {} : { wa_id: phoneOf(number) }),
    user_id: userIdOf(number),
  };
  return { messaging_product: 'whatsapp', metadata: METADATA, contacts: [contact], ...lists };
}

function composeMessageOf(number: number, now: number, content: Readonly<Record<string, unknown>>) {
  return {
    ...(number % HIDES_NUMBER === 0 ? {} : { from: phoneOf(number) }),
    from_user_id: userIdOf(number),
    id: messageId(number),
    timestamp: secondsOf(now),
    ...content,
  };
}

/** Composes message contents in turn. The last has no type, as in some real payloads. */
function composeContent(number: number): Readonly<Record<string, unknown>> {
  const contents = [
    { type: 'text', text: { body: personOf(number).text } },
    { type: 'image', image: { id: '1003383421387256', mime_type: 'image/jpeg', caption: 'Où ?' } },
    { type: 'reaction', reaction: { message_id: messageId(0), emoji: '👍' } },
    { type: 'reaction', reaction: { message_id: messageId(0) } },
    { location: { latitude: 48.8584, longitude: 2.2945, name: 'Tour Eiffel' } },
  ];
  return contents[(number - 1) % contents.length] ?? {};
}

function composeMessage(number: number, now: number): SampleChange {
  const messages = [composeMessageOf(number, now, composeContent(number))];
  return { field: 'messages', value: composeValue(number, { messages }) };
}

function composeWelcome(number: number, now: number): SampleChange {
  const messages = [composeMessageOf(number, now, { type: 'request_welcome' })];
  return { field: 'messages', value: composeValue(number, { messages }) };
}

function composeStatus(number: number, now: number): SampleChange {
  const status = ['sent', 'delivered', 'read', 'failed'][(number - 1) % 4];
  const error = {
    code: 131_026,
    title: 'Message undeliverable',
    message: 'Message undeliverable',
    error_data: { details: 'The recipient may not have accepted the terms yet.' },
  };
  const outcome =
    status === 'failed'
      ? { errors: [error] }
      : { pricing: { billable: true, pricing_model: 'PMP', category: 'utility', type: 'regular' } };
  const id = messageId(number);
  const recipient = { recipient_id: phoneOf(number), recipient_user_id: userIdOf(number) };
  const statuses = [{ id, status, timestamp: secondsOf(now), ...recipient, ...outcome }];
  return { field: 'messages', value: composeValue(number, { statuses }) };
}

function composeError(number: number): SampleChange {
  const details = `Message number ${number} could not be handed over.`;
  const error = { code: 131_000, title: 'Something went wrong', error_data: { details } };
  return {
    field: 'messages',
    value: { messaging_product: 'whatsapp', metadata: METADATA, errors: [error] },
  };
}

function composeTemplateStatus(number: number): SampleChange {
  return {
    field: 'message_template_status_update',
    value: {
      event: 'APPROVED',
      message_template_id: 1_689_556_908_000_000 + number,
      message_template_name: `reservation_${number}`,
      message_template_language: 'pt_BR',
      message_template_category: 'UTILITY',
      reason: 'NONE',
    },
  };
}

function composePreference(number: number, now: number): SampleChange {
  const preference = {
    wa_id: phoneOf(number),
    detail: 'User requested to stop marketing messages',
    category: 'marketing_messages',
    value: 'stop',
    timestamp: secondsOf(now),
  };
  return { field: 'user_preferences', value: composeValue(number, { user_preferences: [preference] }) };
}
