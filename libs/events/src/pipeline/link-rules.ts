import { z } from 'zod';
import {
  LINKED_RECORDS,
  type LinkedRecord,
  type LinkTags,
  type RecordTags,
  recordTags,
  tagText,
} from '../definitions/define-link.ts';
import type { SourceDefinition } from '../definitions/define-source.ts';
import { bodyPath, valueAtPath } from '../delivery/body-path.ts';
import { phoneNumber, whatsappNumber } from '../delivery/phone-number.ts';
import type { ChosenEvents } from './choose-events.ts';
import { leadsNowhere } from './unless-rules.ts';

/** How a value becomes a tag; a value that does not fit identifies nothing. */
const FORMATS = {
  text: tagText,
  email: (value: unknown) => {
    const text = tagText(value)?.toLowerCase();
    return text !== undefined && /^[^@\s]+@[^@\s]+$/.test(text) ? text : undefined;
  },
  phone: (value: unknown) => applyTo(phoneNumber, value),
  digits: (value: unknown) => applyTo(phoneNumber, value)?.slice(1),
  whatsapp: (value: unknown) => applyTo(whatsappNumber, value),
} as const satisfies Record<string, (value: unknown) => string | undefined>;

function applyTo(format: (text: string) => string | undefined, value: unknown): string | undefined {
  const text = tagText(value);
  return text === undefined ? undefined : format(text);
}

const FORMAT_NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];

const path = bodyPath.refine((given) => given !== '$', 'must name a field, because $ is the whole body');
const paths = z.union([path, z.array(path).min(1, 'is empty')], {
  error: 'must be a path or a list of paths',
});

/** Where the value of a tag comes from. */
const tagValue = z
  .union(
    [
      paths,
      z.strictObject({
        path: paths.describe(
          'path of a field in the body, like customer.phone, or a list, of which the first with a value counts',
        ),
        format: z
          .enum(FORMAT_NAMES)
          .default('text')
          .describe(
            'text; email in lower case; phone as + and digits, digits without +, whatsapp as Botpress writes phones; only international phone numbers count',
          ),
      }),
      z.strictObject({
        value: z.string().min(1, 'is empty').max(500).describe('the same text for every event'),
      }),
    ],
    { error: 'must be a path, a list of paths, { path, format } or { value }' },
  )
  .transform((given) => {
    if (typeof given === 'string' || Array.isArray(given))
      return { paths: [given].flat(), format: 'text' as const };
    return 'path' in given ? { paths: [given.path].flat(), format: given.format } : given;
  });

const tags = z
  .record(z.string().regex(/^[a-zA-Z][\w-]{0,99}$/, 'is not the name of a tag'), tagValue)
  .refine((given) => Object.keys(given).length > 0, 'is empty');

/** `false` switches the default of the source off. */
const record = z.union([tags, z.literal(false)], { error: 'must be a mapping of tags, or false' }).optional();

const name = z.string().min(1, 'is empty').max(200);

/** The fields of `link` that determine the tags of an event. */
export const linkFields = {
  integration: name
    .regex(/^\S+$/, 'contains spaces')
    .optional()
    .describe(
      'alias of the installed integration whose conversations are used, like telegram; without it the integration that sends the events',
    ),
  channel: name.optional().describe('channel of the conversations; by default that of the source'),
  conversation: record.describe(
    'tags that identify the conversation, each with the path of its value; false for none; by default those of the source',
  ),
  user: record.describe('tags that identify the user, as for conversation'),
  message: record.describe(
    'tags that identify a message, which is only found, never created; as for conversation',
  ),
};

const linkObject = z.object(linkFields);

/** Where the tags of a connection's events come from. */
export type LinkRule = z.output<typeof linkObject>;

/** Returns whether a rule uses a default of its source. */
export function usesLinkDefaults({ conversation, user, message }: LinkRule): boolean {
  return conversation === undefined && user === undefined && message === undefined;
}

/** The records of an event, and whose they are. */
export interface EventLink extends LinkTags {
  /** Alias of the integration that owns them; absent for the integration that sends the event. */
  readonly integration?: string;
  readonly channel: string;
}

/** Returns whether an event names a record. */
export function hasRecords(link: EventLink): boolean {
  return LINKED_RECORDS.some((kind) => link[kind] !== undefined);
}

/** Channel of a rule without one, for a source without defaults. */
const DEFAULT_CHANNEL = 'channel';

/**
 * Returns the records that an event is to be linked to, as far as its body names them. Never throws.
 *
 * @param input the parsed body
 */
export function findEventLink(
  rule: LinkRule,
  source: SourceDefinition,
  topic: string,
  input: unknown,
): EventLink {
  const defaults = defaultTags(source, input, topic);
  const found = LINKED_RECORDS.flatMap((kind): [LinkedRecord, RecordTags][] => {
    const tagsOf = rule[kind];
    // Only Botpress' own integration creates messages.
    const isDefault = tagsOf === undefined && (kind !== 'message' || rule.integration !== undefined);
    const result = tagsOf ? readTags(tagsOf, input) : isDefault ? defaults[kind] : undefined;
    return result ? [[kind, result]] : [];
  });
  return {
    ...(rule.integration === undefined ? {} : { integration: rule.integration }),
    channel: rule.channel ?? source.link?.channel.name ?? DEFAULT_CHANNEL,
    ...Object.fromEntries(found),
  };
}

/** The source may be a module of a user. */
function defaultTags({ link }: SourceDefinition, input: unknown, topic: string): LinkTags {
  try {
    return link?.find(input, topic) ?? {};
  } catch {
    return {};
  }
}

function readTags(given: z.output<typeof tags>, input: unknown): RecordTags | undefined {
  return recordTags(
    Object.fromEntries(Object.entries(given).map(([tag, from]) => [tag, readTag(from, input)])),
  );
}

function readTag(from: z.output<typeof tagValue>, input: unknown): string | undefined {
  if ('value' in from) return from.value;
  for (const candidate of from.paths) {
    const text = FORMATS[from.format](valueAtPath(input, candidate));
    if (text !== undefined) return text;
  }
  return undefined;
}

/**
 * Returns the tags of a rule whose paths no event of a connection has, like `conversation.phone`. Most input schemas
 * permit unknown fields: a misspelled name there cannot be detected.
 */
export function findUnusedTags(rule: LinkRule, events: ChosenEvents): string[] {
  return LINKED_RECORDS.flatMap((kind) =>
    Object.entries(rule[kind] || {})
      .filter(([, from]) => 'paths' in from && from.paths.every((one) => leadsNowhere(one, events)))
      .map(([tag]) => `${kind}.${tag}`),
  );
}
