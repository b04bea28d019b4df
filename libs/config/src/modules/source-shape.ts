import type { ComplianceDefinition, SourceDefinition } from '@sluice/events';
import { z } from 'zod';
import { eventShape } from './event-shape.ts';
import { functionShape, schemaShape } from './shapes.ts';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is not a usable name')
  .describe('1 to 63 lower case letters, digits and dashes, not beginning with a dash');

const samples = z.strictObject({
  topics: z.array(z.string()),
  compose: functionShape.describe('(topic, { number, now, settings }) => ({ headers, body })'),
  sign: functionShape.describe('(request, secret) => request with its signature'),
});

const compliance = z.strictObject({
  topic: z.string().min(1, 'is empty'),
  description: z.string(),
  input: schemaShape,
  account: functionShape,
  concerns: functionShape.optional(),
} satisfies Record<keyof ComplianceDefinition, z.ZodType>);

const fields = {
  name,
  title: z.string().min(1, 'is empty'),
  settings: schemaShape.describe("checks a connection's settings, like z.strictObject({})"),
  maxBodyBytes: z.int().min(1).optional(),
  deduplicationWindow: z
    .number()
    .min(1)
    .describe('milliseconds within which a resend is a duplicate; longer than the platform keeps trying'),
  answerWithin: z
    .number()
    .min(1)
    .optional()
    .describe('milliseconds in which the platform wants its answer; 5000 without it'),
  keepHeaders: z
    .array(z.string().regex(/^[^A-Z]+$/, 'should be in lower case'))
    .describe('headers kept with the delivery, in lower case; may be []'),
  verify: functionShape.describe(
    '(webhook, { secrets, settings }) => ({ ok: true }) or ({ ok: false, why })',
  ),
  unpack: functionShape.describe(
    '({ webhook, text, json }, settings) => [{ topic, idempotencyKey, body: text, input: json }]',
  ),
  handshake: functionShape.optional(),
  reply: z.enum(['details', 'empty']).optional(),
  events: z.array(eventShape).describe('made by defineEvent'),
  eventsOf: functionShape.optional(),
  compliance: z.array(compliance).optional(),
  account: z.strictObject({ ofWebhook: functionShape, ofSettings: functionShape }).optional(),
  lookups: z
    .record(z.string(), z.array(z.string()))
    .optional()
    .describe(
      "names to search by and where their values stand: { order: ['data.order.id', 'header:x-order'] }",
    ),
  setUp: z.array(z.string()).optional().describe('steps on the platform; {url} is the address'),
  samples: samples.optional(),
} satisfies Record<keyof SourceDefinition, z.ZodType>;

/** What a source of a user's module has to look like. */
const sourceShape = z.strictObject(fields);

/** What a user's module has to export, or its factory to return. */
export const moduleShape = z.strictObject({
  sources: z.array(sourceShape).default([]).describe('list of what defineSource returned'),
  events: z
    .record(z.string(), z.array(eventShape))
    .default({})
    .describe('events added to sources, like { shopify: [defineEvent({ … })] }'),
});
