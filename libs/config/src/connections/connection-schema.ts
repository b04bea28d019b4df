import {
  createSourceRegistry,
  fullBodySetting,
  linkFields,
  type SourceDefinition,
  type SourceRegistry,
  unlessRule,
} from '@sluice/events';
import { z } from 'zod';
import { Secret } from '../secret.ts';
import { forwardUrlProblem, httpUrlProblem } from '../url-checks.ts';

// Messages are predicates of the path ('is empty'). Descriptions are noun phrases for the hints of diagnostics, the
// JSON Schema that editors show, and the reference of the connections file.

const MINUTE = 60_000;
const DAY = 86_400_000;

const UNITS = { ms: 1, s: 1_000, m: MINUTE, h: 3_600_000, d: DAY } as const;
const DURATION = /^(\d{1,9})(ms|s|m|h|d)$/;

/** Returns milliseconds; NaN if the text is not a duration. */
function parseDuration(text: string): number {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
}

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is not a valid id')
  .describe(
    'id and address of the connection: 1 to 63 lower-case letters, digits and dashes, not starting with a dash',
  );

const secrets = z
  .array(
    z.string().refine((secret) => secret === secret.trim(), 'begins or ends with whitespace or a line break'),
  )
  .min(1, 'is empty')
  .refine((list) => list.some((secret) => secret !== ''), 'has only empty entries')
  .transform((list) => list.filter((secret) => secret !== '').map((secret) => new Secret(secret)))
  .describe('signing secrets of the platform, each of which verifies; empty entries are ignored');

/** Text for an HTTP header. A variable that was read from a file often ends with a line break. */
const headerText = z
  .string()
  .min(1, 'is empty')
  .regex(/^[!-~]+$/, 'contains spaces, line breaks or non-ASCII characters');

const botpress = z
  .strictObject({
    botId: headerText.describe('id of the bot that receives the events'),
    integrationId: headerText
      .optional()
      .describe('id of the integration that sends the events; without it they are sent as the bot'),
    integrationAlias: headerText.optional().describe('alias of the integration in the bot'),
    workspaceId: headerText
      .optional()
      .describe(
        'id of the workspace of the bot. Botpress limits the calls of a workspace; without it all bots of an API URL count as one workspace',
      ),
    token: headerText
      .transform((token) => new Secret(token))
      .describe(`access token for Botpress, preferably \${NAME} of an environment variable`),
    apiUrl: z
      .string()
      .refine((url) => httpUrlProblem(url) === undefined, {
        error: ({ input }) => httpUrlProblem(String(input)) ?? 'is not a URL',
      })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional()
      .describe('http:// or https:// base URL of the Botpress API; without it BOTPRESS_API_URL'),
  })
  .describe('bot that receives the events: botId, token and usually integrationId');

const limits = z
  .strictObject({
    eventsPerMinute: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(600)
      .describe(
        'rate limit of the bot, a whole number from 1 to 1000000; Botpress allows 600. Connections of a bot without it use the limit of one that has it',
      ),
    share: z
      .number()
      .min(0.01)
      .max(1_000)
      .default(1)
      .describe('weight relative to other connections of the bot, from 0.01 to 1000'),
    // Botpress documents 1 MB for a request and 128 KB for messages and states. Which of them applies to events is
    // not documented: an event that is refused with 413 is sent again without its full body.
    eventBytes: z
      .int()
      .min(10_000)
      .max(64_000_000)
      .default(1_000_000)
      .describe(
        'most bytes of an event, a whole number from 10000 to 64000000; the full body is left out of larger events. Botpress documents 1 MB per request',
      ),
  })
  .prefault({})
  .describe('rate limit of the bot and size of events');

const retry = z
  .strictObject({
    for: z
      .string()
      .regex(DURATION, 'is not a duration')
      .transform(parseDuration)
      .refine((ms) => ms >= MINUTE && ms <= 30 * DAY, 'is out of range')
      .prefault('24h')
      .describe(
        'time during which a delivery is retried, from 1m to 30d: a whole number and ms, s, m, h or d',
      ),
    reconcile: z
      .boolean()
      .default(true)
      .describe(
        'whether the event is looked up in Botpress before it is sent again after a lost response; false is faster and may duplicate events',
      ),
  })
  .prefault({})
  .describe('retries of deliveries');

const forward = z
  .strictObject({
    url: z.string().describe('https:// URL that the verified webhooks are posted to'),
    secret: headerText
      .transform((secret) => new Secret(secret))
      .optional()
      .describe(
        'secret that the receiver expects, if the platform sends its secret in a header; by default the first of secrets',
      ),
    allowPrivate: z
      .boolean()
      .default(false)
      .describe('permits http:// and local or private addresses, for a receiver in the same network'),
    perMinute: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(6_000)
      .describe('rate limit of the receiver, a whole number from 1 to 1000000'),
  })
  .superRefine(({ url, allowPrivate }, context) => {
    const message = forwardUrlProblem(url, allowPrivate);
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['url'], message });
  })
  .transform(({ url, ...rest }) => ({ ...rest, url: new Secret(url) }))
  .describe(
    'another receiver that gets every verified webhook as it came, such as an integration of Botpress',
  );

const link = z
  .union(
    [
      z.literal(true),
      z.strictObject({
        ...linkFields,
        token: headerText
          .transform((token) => new Secret(token))
          .optional()
          .describe('token for the calls as the bot that integration requires; by default that of botpress'),
      }),
    ],
    { error: 'must be true or a mapping' },
  )
  .optional()
  .describe(
    'conversation, user and message that events are linked to: true for the defaults of the source; see docs/how-to/link-events.md',
  );

/** A connection of the file, without the checks of its source. */
export const connectionSchema = z.strictObject({
  id,
  source: z.string().min(1, 'is empty').describe('name of the source'),
  secrets,
  settings: z.record(z.string(), z.unknown()).default({}).describe('settings of the source'),
  topics: z
    .record(z.string(), z.boolean())
    .default({})
    .describe('topics to enable (true) or disable (false) against their default, like orders/updated: false'),
  unless: z
    .array(unlessRule)
    .optional()
    .describe(
      'rules for deliveries to ignore, any of which is enough; a body without the path is not ignored',
    ),
  fullBody: fullBodySetting,
  botpress,
  link,
  limits,
  retry,
  onInvalid: z
    .enum(['quarantine', 'reject'])
    .default('quarantine')
    .describe(
      'handling of verified webhooks with invalid input: quarantine stores a dead letter, reject responds with 422',
    ),
  forward: forward.optional(),
});

export const fileSchema = z.strictObject({
  $schema: z.string().optional().describe('location of the JSON Schema of this file, for editors'),
  modules: z
    .array(z.string().min(1, 'is empty'))
    .optional()
    .describe('source modules, relative to this file; see docs/how-to/add-a-source.md'),
  connections: z.array(z.unknown()).describe('list of connections'),
});

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Creates the JSON Schema of the connections file, with the `settings` of each source. */
export function connectionsJsonSchema(registry: SourceRegistry = createSourceRegistry()): JsonSchema {
  const file = toJsonSchema(fileSchema);
  const connection = toJsonSchema(connectionSchema);
  const sources = [...registry.values()];
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Sluice connections',
    ...file,
    properties: {
      ...file.properties,
      connections: {
        ...(file.properties?.connections as JsonSchema),
        items: {
          ...connection,
          allOf: sources.map(settingsRule),
        },
      },
    },
    // Modules may define other sources.
    if: { not: { required: ['modules'] } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: sourceRule(sources),
  };
}

function sourceRule(sources: readonly SourceDefinition[]): JsonSchema {
  const source = { enum: sources.map(({ name }) => name) };
  return { properties: { connections: { items: { properties: { source } } } } };
}

function settingsRule(source: SourceDefinition): JsonSchema {
  const settings = toJsonSchema(source.settings);
  const isRequired = (settings.required ?? []).length > 0;
  return {
    if: { properties: { source: { const: source.name } }, required: ['source'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { settings }, ...(isRequired ? { required: ['settings'] } : {}) },
  };
}

/** Draft 7 has the best support in the YAML extensions of editors. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  return rest;
}
