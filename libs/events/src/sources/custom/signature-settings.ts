import { z } from 'zod';
import { headerName } from './places.ts';

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds, given as a whole number and s, m or h. */
const tolerance = z
  .string()
  .regex(/^[1-9]\d{0,5}[smh]$/, 'is not a duration')
  .transform((text) => Number.parseInt(text, 10) * UNITS[text.slice(-1) as keyof typeof UNITS])
  .describe('how far the timestamp may be from our clock, both ways: a whole number and s, m or h, like 5m');

const list = z
  .strictObject({
    key: z
      .string()
      .min(1)
      .optional()
      .describe('key of the signatures, like v1 in t=…,v1=…; without it entries have none'),
    separator: z.string().min(1).default(',').describe('what stands between the entries'),
    assignment: z.string().min(1).default('=').describe('what stands between key and value'),
  })
  .describe('the form of a header that holds several values, like t=…,v1=…,v1=…');

const timestamp = z
  .strictObject({
    header: headerName.optional().describe('header of its own'),
    key: z.string().min(1).optional().describe('key in the list of the signature header, like t in t=…,v1=…'),
    unit: z.enum(['s', 'ms']).default('s').describe('seconds or milliseconds since 1970'),
  })
  .refine(
    ({ header, key }) => (header === undefined) !== (key === undefined),
    'should name either a header or a key of the list',
  )
  .describe('where the time of the signature stands');

const hmac = z
  .strictObject({
    kind: z.literal('hmac'),
    header: headerName.describe('header that has the signature'),
    algorithm: z.enum(['sha256', 'sha1', 'sha512']).default('sha256').describe('hash of the HMAC'),
    encoding: z.enum(['hex', 'base64']).describe('how the signature is written: hex or base64'),
    prefix: z.string().default('').describe('what stands before a signature, like sha256='),
    list: list.optional(),
    signed: z
      .array(z.string().min(1))
      .max(10, 'has more than ten parts')
      .default(['body'])
      .describe(
        'what is signed, in order: body, timestamp, id (the idempotency key), and any other text as it is',
      ),
    timestamp: timestamp.optional(),
    tolerance: tolerance.optional(),
  })
  .superRefine((scheme, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (scheme.signed.filter((part) => part === 'body').length !== 1) {
      refuse('signed', 'should have body among its parts, once: else anyone could change it');
    }
    if (scheme.timestamp && !scheme.signed.includes('timestamp')) {
      refuse('timestamp', 'is not among the signed parts, so it proves nothing');
    }
    if (!scheme.timestamp && scheme.signed.includes('timestamp')) {
      refuse('signed', 'has the timestamp, but it is not said where that stands: add timestamp');
    }
    if (!scheme.timestamp && scheme.tolerance !== undefined) refuse('tolerance', 'needs a timestamp');
    if (scheme.timestamp?.key !== undefined && scheme.list?.key === undefined) {
      refuse('timestamp', 'names a key, so list has to name that of the signatures');
    }
  });

const token = z.strictObject({
  kind: z.literal('token'),
  header: headerName.describe('header that has the shared token'),
  prefix: z.string().default('').describe('what stands before the token, like "Bearer "'),
});

export const signatureSettings = z
  .discriminatedUnion('kind', [hmac, token])
  .describe('how the platform proves itself: kind hmac or token');

export type HmacSettings = z.output<typeof hmac>;
export type TokenSettings = z.output<typeof token>;
