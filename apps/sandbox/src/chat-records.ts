import { z } from 'zod';
import type { Caller } from './bots.ts';
import { type Clock, ID_LENGTH, type NewId } from './clock-and-ids.ts';
import { type ApiError, apiError } from './responses.ts';

export const RECORD_KINDS = ['conversation', 'user', 'message'] as const;

export type RecordKind = (typeof RECORD_KINDS)[number];

const ID_PREFIXES = { conversation: 'conv', user: 'user', message: 'msg' } as const;

type Tags = Readonly<Record<string, string>>;

/** A conversation, user or message. */
export interface ChatRecord {
  readonly kind: RecordKind;
  readonly id: string;
  readonly botId: string;
  /** Absent if the bot itself created the record. */
  readonly integrationId?: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly tags: Tags;
  /** The other fields of the Runtime API, such as `channel` or `name`. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const tags = z.record(z.string(), z.string().max(500));
const discriminateByTags = z.array(z.string().max(500)).optional();
const name = z.string().max(200);
const id = z.string().min(ID_LENGTH.min).max(ID_LENGTH.max);
const integrationName = name.optional();

/** Bodies of getOrCreateConversation, getOrCreateUser and getOrCreateMessage. */
export const recordRequests = {
  conversation: z.strictObject({ channel: name, tags, discriminateByTags, integrationName }),
  user: z.strictObject({
    tags,
    discriminateByTags,
    integrationName,
    name: name.optional(),
    pictureUrl: z.string().max(40_000).optional(),
  }),
  message: z.strictObject({
    ...{ type: name, userId: id, conversationId: id, tags, discriminateByTags },
    payload: z.record(z.string(), z.unknown()),
    origin: z.literal('synthetic').optional(),
    schedule: z
      .strictObject({ dateTime: z.string().min(24).max(28), delay: z.number() })
      .partial()
      .optional(),
  }),
} satisfies Record<RecordKind, z.ZodType>;

/** A valid request to find or create a record, without the fields that only guide the search. */
interface RecordRequest {
  readonly tags: Tags;
  readonly discriminateByTags?: readonly string[] | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Ids in an event or a message that must exist. */
export type RecordLinks = Readonly<Partial<Record<`${RecordKind}Id`, string>>>;

/** Whose record it is. Records of different owners never match. */
export type OwnedBy = Pick<ChatRecord, 'botId' | 'integrationId'>;

/** Conversations, users and messages of all bots. */
export interface ChatRecords {
  /** Finds the owner's record with the same tags, or creates it. */
  getOrCreate(kind: RecordKind, owner: OwnedBy, request: RecordRequest): ChatRecord;
  /**
   * Returns the error of a link to a missing or unrelated record, or undefined.
   *
   * @param isForeignAllowed whether an integration may name records of other integrations of the bot
   */
  checkLinks(caller: Caller, links: RecordLinks, isForeignAllowed?: boolean): ApiError | undefined;
  /** Adds a record of the data folder. */
  restore(record: ChatRecord): void;
  /** Returns the records of a kind in order of creation. */
  list(kind: RecordKind): readonly ChatRecord[];
  /** Removes a record, or all of a kind. Returns the number of removed records. */
  remove(kind: RecordKind, id?: string): number;
}

interface Dependencies {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly onAdd: (record: ChatRecord) => void;
  /** Called after a removal with the records that are left. */
  readonly onRemove: (left: Iterable<ChatRecord>) => void;
}

/** Creates an empty collection of records. */
export function createChatRecords({ clock, newId, onAdd, onRemove }: Dependencies): ChatRecords {
  const byId = new Map<string, ChatRecord>();
  /** The records that a search compares. */
  const byScope = new Map<string, ChatRecord[]>();

  function add(record: ChatRecord): void {
    const scope = scopeOf(record.kind, record, record.fields);
    const records = byScope.get(scope) ?? [];
    byScope.set(scope, records);
    records.push(record);
    byId.set(record.id, record);
  }
  function isMissing(kind: RecordKind, linked: string, caller: Caller, isForeignAllowed: boolean): boolean {
    const record = byId.get(linked);
    if (record?.kind !== kind) return true;
    return isForeignAllowed ? record.botId !== caller.botId : !isVisibleRecord(record, caller);
  }

  return {
    getOrCreate(kind, owner, request) {
      const candidates = byScope.get(scopeOf(kind, owner, request.fields)) ?? [];
      const found = candidates.find((record) => hasTags(record, request));
      if (found) return found;
      const record: ChatRecord = {
        kind,
        id: newId(ID_PREFIXES[kind]),
        botId: owner.botId,
        integrationId: owner.integrationId,
        createdAt: new Date(clock.now()).toISOString(),
        tags: request.tags,
        fields: request.fields,
      };
      add(record);
      onAdd(record);
      return record;
    },
    checkLinks(caller, links, isForeignAllowed = false) {
      for (const kind of RECORD_KINDS) {
        const linked = links[`${kind}Id`];
        if (linked !== undefined && isMissing(kind, linked, caller, isForeignAllowed)) {
          return apiError('ReferenceNotFound', `The ${kind} ${linked} does not exist.`);
        }
      }
      const { conversationId, messageId } = links;
      if (conversationId === undefined || messageId === undefined) return undefined;
      return byId.get(messageId)?.fields.conversationId === conversationId
        ? undefined
        : apiError('RelationConflict', 'The message belongs to another conversation.');
    },
    restore: add,
    list: (kind) => [...byId.values()].filter((record) => record.kind === kind),
    remove(kind, removedId) {
      const all = [...byId.values()];
      const left = all.filter(
        (record) => record.kind !== kind || (removedId !== undefined && record.id !== removedId),
      );
      byId.clear();
      byScope.clear();
      for (const record of left) add(record);
      onRemove(left);
      return all.length - left.length;
    },
  };
}

/** A search compares the records of one owner, and of one channel or conversation if the kind has them. */
function scopeOf(kind: RecordKind, { botId, integrationId }: OwnedBy, fields: ChatRecord['fields']): string {
  return JSON.stringify([kind, botId, integrationId, fields.channel, fields.conversationId]);
}

/** Compares the tags that discriminate; without them all tags must be equal. */
function hasTags(record: ChatRecord, { tags: wanted, discriminateByTags: names }: RecordRequest): boolean {
  if (names) return names.every((tag) => record.tags[tag] === wanted[tag]);
  const entries = Object.entries(wanted);
  return (
    entries.length === Object.keys(record.tags).length &&
    entries.every(([tag, value]) => record.tags[tag] === value)
  );
}

/** Returns whether the caller sees the record: a bot sees all its records, an integration those it created. */
export function isVisibleRecord(record: ChatRecord, { botId, integrationId }: Caller): boolean {
  return record.botId === botId && (integrationId === undefined || integrationId === record.integrationId);
}

/** Returns the record as JSON of the Runtime API. */
export function presentRecord({ id: recordId, createdAt, tags: shown, fields }: ChatRecord): object {
  return { id: recordId, createdAt, updatedAt: createdAt, tags: shown, ...fields };
}

/** A line of the journal. */
const recordLine = z.object({
  kind: z.enum(RECORD_KINDS),
  id: z.string(),
  botId: z.string(),
  integrationId: z.string().optional(),
  createdAt: z.string(),
  tags,
  fields: z.record(z.string(), z.unknown()),
});

/** Reads a record from its journal line. Throws if it is not one. */
export function parseRecordLine(line: string): ChatRecord {
  return recordLine.parse(JSON.parse(line));
}
