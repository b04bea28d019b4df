/** The tags by which a conversation, a user or a message is found at Botpress. */
export interface RecordTags {
  /** Tags that identify the record. Never empty. */
  readonly by: Readonly<Record<string, string>>;
  /** Tags that a new record gets besides. */
  readonly also?: Readonly<Record<string, string>>;
}

/** The records that an event belongs to, as far as its delivery names them. */
export interface LinkTags {
  readonly conversation?: RecordTags;
  readonly user?: RecordTags;
  readonly message?: RecordTags;
}

export const LINKED_RECORDS = ['conversation', 'user', 'message'] as const;

export type LinkedRecord = (typeof LINKED_RECORDS)[number];

/** Title and description of a tag, for the definition of an integration. */
export interface TagDescription {
  readonly title: string;
  readonly description: string;
}

/**
 * How events of a source are linked. Channel and tags have the names that Botpress' own integration of the platform
 * gives them, so that one `find` serves its conversations and those of a Sluice integration.
 */
export interface SourceLink {
  readonly channel: { readonly name: string } & TagDescription;
  /** The tags of `find`. */
  readonly conversation: Readonly<Record<string, TagDescription>>;
  readonly user: Readonly<Record<string, TagDescription>>;
  /** Tags of messages that Botpress' own integration created; Sluice creates none. */
  readonly message?: Readonly<Record<string, TagDescription>>;
  /** Returns the tags of a delivery's records. Never throws for verified JSON of any shape. */
  find(input: unknown, topic: string): LinkTags;
}

/** Botpress rejects longer values. */
const MAX_TAG_LENGTH = 500;

/** Returns the text of an id or name for a tag; `undefined` for any value that identifies nothing. */
export function tagText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return text === '' || text.length > MAX_TAG_LENGTH ? undefined : text;
}

/**
 * Returns the tags of a record, or `undefined` if one that identifies it is missing.
 *
 * @param by values of the tags that identify the record
 * @param also values of further tags, left out where missing
 */
export function recordTags(
  by: Readonly<Record<string, unknown>>,
  also: Readonly<Record<string, unknown>> = {},
): RecordTags | undefined {
  const identifying = textsOf(by);
  const further = textsOf(also);
  if (Object.keys(identifying).length < Object.keys(by).length) return undefined;
  return { by: identifying, ...(Object.keys(further).length > 0 ? { also: further } : {}) };
}

function textsOf(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(values).map(([tag, value]) => [tag, tagText(value)] as const);
  return Object.fromEntries(
    texts.filter((entry): entry is readonly [string, string] => entry[1] !== undefined),
  );
}

/** Returns the records that were found. */
export function linkTags(records: { readonly [Kind in LinkedRecord]?: RecordTags | undefined }): LinkTags {
  return Object.fromEntries(Object.entries(records).filter(([, tags]) => tags !== undefined));
}
