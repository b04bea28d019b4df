import { z } from 'zod';
import { eventName } from '../../definitions/define-event.ts';
import { receivedEvent } from '../../definitions/received-event.ts';
import { bodyPath } from '../../delivery/body-path.ts';

/** A header name in settings; the output is in lower case. */
const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'is not a header name')
  .transform((name) => name.toLowerCase());

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** A whole number and s, m or h; the output is in milliseconds. */
const tolerance = z
  .string()
  .regex(/^[1-9]\d{0,5}[smh]$/, 'is not a duration like 5m')
  .transform((text) => Number.parseInt(text, 10) * UNITS[text.slice(-1) as keyof typeof UNITS])
  .describe(
    'maximum difference between the timestamp and the clock of ingest, in either direction: a whole number and s, m or h, like 5m',
  );

const list = z
  .strictObject({
    key: z
      .string()
      .min(1)
      .optional()
      .describe('key of the signature entries, like v1 in t=…,v1=…; omit it if entries have no keys'),
    separator: z.string().min(1).default(',').describe('separator between entries'),
    assignment: z.string().min(1).default('=').describe('separator between key and value'),
  })
  .describe('format of a header that holds several values, like t=…,v1=…,v1=…');

const timestamp = z
  .strictObject({
    header: headerName.optional().describe('header that holds only the timestamp'),
    key: z.string().min(1).optional().describe('key in the list of the signature header, like t in t=…,v1=…'),
    unit: z.enum(['s', 'ms']).default('s').describe('seconds or milliseconds since 1970'),
  })
  .refine(
    ({ header, key }) => (header === undefined) !== (key === undefined),
    'must name either a header or a key of the list',
  )
  .describe('location of the signature’s timestamp');

const hmac = z
  .strictObject({
    kind: z.literal('hmac'),
    header: headerName.describe('header that holds the signature'),
    algorithm: z.enum(['sha256', 'sha1', 'sha512']).default('sha256').describe('hash function of the HMAC'),
    encoding: z.enum(['hex', 'base64']).describe('encoding of the signature: hex or base64'),
    prefix: z.string().default('').describe('text before a signature, like sha256='),
    list: list.optional(),
    signed: z
      .array(z.string().min(1))
      .max(10, 'has more than ten parts')
      .default(['body'])
      .describe(
        'signed parts in order: body, timestamp, id (the idempotency key), and any other text literally',
      ),
    timestamp: timestamp.optional(),
    tolerance: tolerance.optional(),
  })
  .superRefine((scheme, context) => {
    const reject = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (scheme.signed.filter((part) => part === 'body').length !== 1) {
      reject('signed', 'must contain body exactly once: an unsigned body can be changed by anyone');
    }
    if (scheme.timestamp && !scheme.signed.includes('timestamp')) {
      reject('timestamp', 'is not among the signed parts, so it proves nothing');
    }
    if (!scheme.timestamp && scheme.signed.includes('timestamp')) {
      reject('signed', 'contains timestamp, but its location is missing: add timestamp');
    }
    if (!scheme.timestamp && scheme.tolerance !== undefined) reject('tolerance', 'needs a timestamp');
    if (scheme.timestamp?.key !== undefined && scheme.list?.key === undefined) {
      reject('timestamp', 'names a key, so list must name the key of the signatures');
    }
  });

const token = z.strictObject({
  kind: z.literal('token'),
  header: headerName.describe('header that holds the shared token'),
  prefix: z.string().default('').describe('text before the token, like "Bearer "'),
});

const signature = z
  .discriminatedUnion('kind', [hmac, token])
  .describe('how the platform authenticates its webhooks: kind hmac or token');

/** A platform that sends `issues` in a header and `opened` in the body needs both. */
const topicLocation = z
  .strictObject({ header: headerName.optional(), path: bodyPath.optional() })
  .refine(({ header, path }) => (header ?? path) !== undefined, 'must name a header or a path')
  .describe('location of the topic: header, path (in the body), or both, which are joined by a dot');

const keyLocation = z
  .strictObject({ header: headerName.optional(), path: bodyPath.optional() })
  .refine(
    ({ header, path }) => (header === undefined) !== (path === undefined),
    'must name either a header or a path',
  )
  .describe('location of an id that is the same in a resend: header, or path in the body');

const fieldName = z
  .string()
  .regex(/^[A-Za-z]\w{0,99}$/, 'a field name begins with a letter and contains letters, digits and _ only')
  .refine((name) => name !== 'deliveryId', 'deliveryId is reserved: Sluice adds it')
  // A payload without the field would inherit it.
  .refine((name) => !(name in Object.prototype), 'a field name that JavaScript reserves');

const event = z
  .strictObject({
    name: eventName.describe('name of the event at Botpress, like invoicePaid'),
    title: z.string().min(1).max(200).optional().describe('title of the event; default: its name'),
    description: z.string().min(1).max(1_000).optional().describe('description of the event'),
    payload: z
      .record(fieldName, bodyPath)
      .optional()
      .describe('fields picked from the body, like amount: data.amount; without it, data is the whole body'),
    required: z
      .array(z.string())
      .default([])
      .describe('payload fields without which the webhook is quarantined; other fields may be missing'),
  })
  .superRefine(({ name, payload, required }, context) => {
    if (name === receivedEvent.name && payload) {
      const message =
        'is not possible for received, the event of the generic integration: choose another name';
      context.addIssue({ code: 'custom', path: ['payload'], message });
    }
    for (const [index, field] of required.entries()) {
      if (Object.hasOwn(payload ?? {}, field)) continue;
      context.addIssue({ code: 'custom', path: ['required', index], message: 'is not a field of payload' });
    }
  });

export type EventSettings = z.output<typeof event>;

/** Entries of the same name must agree in everything else: they are one event. */
const contentOf = ({ name: _, ...content }: EventSettings) => JSON.stringify(content);

const events = z
  .record(z.string().min(1, 'an empty topic'), event)
  .refine((entries) => Object.keys(entries).length > 0, 'must name at least one event')
  .superRefine((entries, context) => {
    const first = new Map<string, [topic: string, content: string]>();
    for (const [topic, entry] of Object.entries(entries)) {
      const [earlier, content] = first.get(entry.name) ?? [topic, contentOf(entry)];
      first.set(entry.name, [earlier, content]);
      if (content === contentOf(entry)) continue;
      const message = `is also the event of "${earlier}", with a different title, description, payload or required`;
      context.addIssue({ code: 'custom', path: [topic, 'name'], message });
    }
  })
  .optional()
  .describe(
    "event of each topic, like push: { name: githubPush }; '*' matches all other topics; default: every topic becomes received, the event of the generic integration",
  );

/** The settings of a connection with `source: custom`. */
export const customSettings = z
  .strictObject({ signature, topic: topicLocation, idempotencyKey: keyLocation.optional(), events })
  .superRefine((settings, context) => {
    if (settings.signature.kind !== 'hmac' || !settings.signature.signed.includes('id')) return;
    if (settings.idempotencyKey?.header !== undefined) return;
    const message = 'contains id, which is read before the body is parsed: set idempotencyKey.header';
    context.addIssue({ code: 'custom', path: ['signature', 'signed'], message });
  });

export type CustomSettings = z.output<typeof customSettings>;
export type HmacSettings = z.output<typeof hmac>;
export type TokenSettings = z.output<typeof token>;
