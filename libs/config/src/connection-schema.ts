import { z } from 'zod';
import { DURATION, parseDuration } from './duration.ts';
import { httpUrlProblem } from './http-url.ts';
import { Secret } from './secret.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Descriptions serve twice: editors show them, and they are the hints of mistakes. */
const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is not a usable id')
  .describe('1 to 63 lower case letters, digits and dashes, not beginning with a dash; part of the address');

const secrets = z
  .array(
    z
      .string()
      .refine((secret) => secret === secret.trim(), 'begins or ends with white space or a line break'),
  )
  .min(1, 'is empty')
  .refine((list) => list.some((secret) => secret !== ''), 'has only empty entries')
  .transform((list) => list.filter((secret) => secret !== '').map((secret) => new Secret(secret)))
  .describe('list of what the platform signs with, any of which verifies; empty entries are left out');

/** What goes into an HTTP header. A line break is what a variable read from a file often ends with. */
const headerText = z
  .string()
  .min(1, 'is empty')
  .regex(/^[!-~]+$/, 'has spaces, line breaks or letters outside ASCII in it');

const botpress = z
  .strictObject({
    botId: headerText.describe('id of the bot that gets the events'),
    integrationId: headerText
      .optional()
      .describe('id of the integration that sends; without it events are sent as the bot'),
    integrationAlias: headerText.optional().describe('alias of the integration in the bot'),
    token: headerText
      .transform((token) => new Secret(token))
      .describe(`access token of Botpress, best as \${NAME} of an environment variable`),
    apiUrl: z
      .string()
      .refine((url) => httpUrlProblem(url) === undefined, {
        error: ({ input }) => httpUrlProblem(String(input)) ?? 'is not an address',
      })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional()
      .describe('http:// or https:// address of the Botpress API; without it BOTPRESS_API_URL'),
  })
  .describe('the bot that gets the events: botId, token and mostly integrationId');

const limits = z
  .strictObject({
    eventsPerMinute: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(600)
      .describe(
        'events a minute that the bot takes, a whole number from 1 to 1000000; Botpress allows 600. Connections of the bot that do not name it follow one that does',
      ),
    share: z
      .number()
      .min(0.01)
      .max(1_000)
      .default(1)
      .describe('weight against other connections of the same bot, from 0.01 to 1000'),
  })
  .prefault({})
  .describe('limits of the bot');

const retry = z
  .strictObject({
    for: z
      .string()
      .regex(DURATION, 'is not a duration')
      .transform(parseDuration)
      .refine((ms) => ms >= MINUTE && ms <= 30 * DAY, 'is out of range')
      .prefault('24h')
      .describe(
        'how long a delivery is tried, from 1m to 30d: a whole number and ms, s, m, h or d, like 24h',
      ),
    reconcile: z
      .boolean()
      .default(true)
      .describe(
        'whether an attempt whose answer was lost is looked up at Botpress before it is sent again; false is faster and may double events',
      ),
  })
  .prefault({})
  .describe('how deliveries are tried again');

/** A connection as the file has it, all but what only its source can check. */
export const connectionSchema = z.strictObject({
  id,
  source: z.string().min(1, 'is empty').describe('kind of platform'),
  secrets,
  settings: z.record(z.string(), z.unknown()).default({}).describe("the source's own settings"),
  topics: z
    .record(z.string(), z.boolean())
    .default({})
    .describe('topics switched on (true) or off (false) against their default, like orders/updated: false'),
  botpress,
  limits,
  retry,
  onInvalid: z
    .enum(['quarantine', 'reject'])
    .default('quarantine')
    .describe(
      'what becomes of an authentic webhook whose input does not fit: quarantine keeps it as a dead letter, reject answers 422',
    ),
});

export const fileSchema = z.strictObject({
  $schema: z.string().optional().describe('where editors find the JSON Schema of this file'),
  modules: z
    .array(z.string().min(1, 'is empty'))
    .optional()
    .describe('source modules, relative to this file; see docs/how-to/add-a-source.md'),
  connections: z.array(z.unknown()).describe('list of connections'),
});
