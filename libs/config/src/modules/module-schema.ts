import {
  type ComplianceDefinition,
  EVENT_NAME_PATTERN,
  type EventDefinition,
  type SourceDefinition,
  type SourceLink,
} from '@sluice/events';
import { z } from 'zod';
import { explainIssue } from '../connections/explain-issue.ts';
import { formatPath } from '../connections/path.ts';

export interface ModuleProblem {
  readonly message: string;
  readonly hint?: string;
  /** The message was thrown by the module and may quote anything. */
  readonly foreign?: true;
}

/** The exports of a user's module. */
export interface SourceModule {
  readonly sources: readonly SourceDefinition[];
  /** Events to add to sources, by source name. */
  readonly events: Readonly<Record<string, readonly EventDefinition[]>>;
}

export type CheckedModule =
  | { readonly ok: true; readonly module: SourceModule }
  | { readonly ok: false; readonly problems: readonly ModuleProblem[] };

const EXPECTED =
  'Expected: export default ({ defineSource, defineEvent, z }) => ({ sources: [ … ], events: { … } })';

/** Checks the exports of a module, or the result of its factory, but not whether its names are available. */
export function checkModule(exported: unknown): CheckedModule {
  const parsed = moduleSchema.safeParse(exported);
  if (!parsed.success) {
    const findings = parsed.error.issues.flatMap((issue) => explainIssue(moduleSchema, issue, exported));
    return {
      ok: false,
      problems: findings.map(({ path, message, hint }) => ({
        message: `has an invalid export: ${formatPath(path) || 'the export'} ${message}`,
        hint: hint ?? EXPECTED,
      })),
    };
  }
  // The originals, because the schema returns copies without the prototype of an instance.
  const { sources = [], events = {} } = exported as Partial<SourceModule>;
  if (sources.length > 0 || Object.keys(events).length > 0) return { ok: true, module: { sources, events } };
  return { ok: false, problems: [{ message: 'exports neither sources nor events', hint: EXPECTED }] };
}

const missingOr = (message: string) => ({
  error: ({ input }: { readonly input?: unknown }) => (input === undefined ? 'is missing' : message),
});

const functionSchema = z.custom<(...args: never[]) => unknown>(
  (value) => typeof value === 'function',
  missingOr('must be a function'),
);

/** A Zod 4 schema, possibly of another copy of the library. */
const zodSchema = z.custom<z.ZodType>(
  (value) => typeof value === 'object' && value !== null && '_zod' in value && 'safeParse' in value,
  missingOr('must be a Zod 4 schema, preferably created with the provided z'),
);

const nonEmpty = z.string().min(1, 'is empty');

/** A Zod object with the field that `defineEvent` adds. */
const payloadSchema = zodSchema
  .refine((schema) => shapeOf(schema) !== undefined, 'must be an object: z.object({ … })')
  .refine((schema) => shapeOf(schema)?.deliveryId !== undefined, 'lacks deliveryId, which defineEvent adds')
  .refine(hasJsonSchema, 'has a type that JSON Schema cannot express, like date, bigint or transform')
  .describe('payload of the event, z.object({ … }), in an event created by defineEvent');

const eventFields = {
  name: z
    .string()
    .regex(EVENT_NAME_PATTERN, 'is not an event name')
    .describe('camelCase of at most 200 letters and digits, like parcelDelivered'),
  title: nonEmpty,
  description: nonEmpty,
  topic: z
    .union([nonEmpty, z.array(nonEmpty).min(1)], { error: 'must be a topic or a list of topics' })
    .describe("the platform's name of the topic"),
  optIn: z.boolean().optional(),
  input: zodSchema.describe('schema of what the platform sends, preferably z.looseObject({ … })'),
  fullBody: nonEmpty.optional(),
  schema: payloadSchema,
  map: functionSchema.describe('mapper to the payload: (input, { settings, delivery }) => ({ … })'),
} satisfies Record<keyof EventDefinition, z.ZodType>;

const eventSchema = z.strictObject(eventFields);

function shapeOf(schema: z.ZodType): Record<string, unknown> | undefined {
  return 'shape' in schema && typeof schema.shape === 'object' ? { ...schema.shape } : undefined;
}

function hasJsonSchema(schema: z.ZodType): boolean {
  try {
    z.toJSONSchema(schema, { target: 'draft-7' });
    return true;
  } catch {
    return false;
  }
}

const samples = z.strictObject({
  topics: z.array(z.string()),
  compose: functionSchema.describe('(topic, { number, now, settings }) => ({ headers, body })'),
  sign: functionSchema.describe('(request, secret) => request with its signature'),
});

const compliance = z.strictObject({
  topic: nonEmpty,
  description: z.string(),
  input: zodSchema,
  account: functionSchema,
  concerns: functionSchema.optional(),
} satisfies Record<keyof ComplianceDefinition, z.ZodType>);

const tagDescriptions = z.record(z.string(), z.strictObject({ title: z.string(), description: z.string() }));

const link = z.strictObject({
  channel: z.strictObject({ name: nonEmpty, title: z.string(), description: z.string() }),
  conversation: tagDescriptions,
  user: tagDescriptions,
  message: tagDescriptions.optional(),
  find: functionSchema.describe('(input, topic) => ({ conversation: { by: { id } }, user: { by: { id } } })'),
} satisfies Record<keyof SourceLink, z.ZodType>);

const sourceFields = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is not a valid name')
    .describe('1 to 63 lower-case letters, digits and dashes, not starting with a dash'),
  title: nonEmpty,
  settings: zodSchema.describe('schema of the settings of a connection, like z.strictObject({})'),
  maxBodyBytes: z.int().min(1).optional(),
  deduplicationWindow: z
    .number()
    .min(1)
    .describe('milliseconds within which a resend is a duplicate; longer than the platform retries'),
  answerWithin: z
    .number()
    .min(1)
    .optional()
    .describe('milliseconds within which the platform expects a response; by default 5000'),
  keepHeaders: z
    .array(z.string().regex(/^[^A-Z]+$/, 'must be in lower case'))
    .describe('headers stored with the delivery, in lower case; may be []'),
  verify: functionSchema.describe(
    '(webhook, { secrets, settings }) => ({ ok: true }) or ({ ok: false, why })',
  ),
  unpack: functionSchema.describe(
    '({ webhook, text, json }, settings) => [{ topic, idempotencyKey, body: text, input: json }]',
  ),
  ignoresActor: functionSchema.optional(),
  handshake: functionSchema.optional(),
  reply: z.enum(['details', 'empty']).optional(),
  events: z.array(eventSchema).describe('events created by defineEvent'),
  eventsOf: functionSchema.optional(),
  compliance: z.array(compliance).optional(),
  account: z.strictObject({ ofWebhook: functionSchema, ofSettings: functionSchema }).optional(),
  lookups: z
    .record(z.string(), z.array(z.string()))
    .optional()
    .describe("search names and the paths of their values: { order: ['data.order.id', 'header:x-order'] }"),
  link: link.optional(),
  setUp: z.array(z.string()).optional().describe('setup steps on the platform; {url} is the address'),
  samples: samples.optional(),
} satisfies Record<keyof SourceDefinition, z.ZodType>;

const moduleSchema = z.strictObject({
  sources: z
    .array(z.strictObject(sourceFields))
    .default([])
    .describe('list of sources created by defineSource'),
  events: z
    .record(z.string(), z.array(eventSchema))
    .default({})
    .describe('events to add to sources, like { shopify: [defineEvent({ … })] }'),
});
