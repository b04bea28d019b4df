import type { Client } from '@botpress/client';
import type { LinkedRecord, RecordTags } from '@sluice/events';
import { type AcquireCall, BotClients, type BotTarget, type CallOptions, targetKey } from './bot-client.ts';
import { memberOf } from './read-response.ts';

/** The conversation, user or message to find. */
export interface RecordQuery {
  readonly kind: LinkedRecord;
  /** Channel of a conversation. */
  readonly channel: string;
  readonly tags: RecordTags;
  /** Alias of the integration that owns the record; absent if the caller is that integration. */
  readonly integration?: string;
}

/** Outcome of a search for a record. */
export type RecordResult =
  /** `conversationId` is the conversation of a message. */
  | { readonly kind: 'found'; readonly id: string; readonly conversationId?: string }
  | { readonly kind: 'absent' }
  /** Botpress refused the call: it will refuse the same call again. */
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'unavailable'; readonly detail: string };

/**
 * How a bot names the tags of an integration: `telegram:id`, as bots read them, or `id`, as integrations do. Botpress
 * documents neither for the filters of lists.
 */
type TagForm = 'prefixed' | 'bare';

const ID = /^.{28,36}$/;

/** Finds or creates conversations, users and messages. Every method makes its calls once and never rejects. */
export class ChatRecords {
  readonly #clients: BotClients;
  readonly #acquireCall: AcquireCall;
  /** The form in which tags were found, by target and integration. */
  readonly #forms = new Map<string, TagForm>();

  constructor(options: CallOptions) {
    this.#clients = new BotClients(options);
    this.#acquireCall = options.acquireCall ?? (async () => {});
  }

  /** Drops all clients so that none keeps a rotated token. */
  clearClients(): void {
    this.#clients.clear();
    this.#forms.clear();
  }

  /**
   * Finds the record, or creates it unless it is a message.
   *
   * @param target the integration that owns the record; or the bot, if the query names the integration
   */
  async find(target: BotTarget, query: RecordQuery): Promise<RecordResult> {
    if (query.integration === undefined) return this.#findOwn(target, query);
    const key = JSON.stringify([targetKey(target), query.integration]);
    const known = this.#forms.get(key);
    const forms: readonly TagForm[] = known ? [known] : ['prefixed', 'bare'];
    let result: RecordResult = { kind: 'absent' };
    for (const find of [this.#list, this.#create]) {
      for (const form of forms) {
        result = await find.call(this, target, query, form);
        if (result.kind === 'found') this.#forms.set(key, form);
        if (result.kind === 'found' || result.kind === 'unavailable') return result;
      }
    }
    if (result.kind === 'refused') this.#forms.delete(key);
    return result;
  }

  async #findOwn(target: BotTarget, query: RecordQuery): Promise<RecordResult> {
    if (query.kind === 'message') return this.#list(target, query, 'bare');
    return this.#create(target, query, 'bare');
  }

  /** Lists the records with the tags. The newest comes first. */
  async #list(target: BotTarget, query: RecordQuery, form: TagForm): Promise<RecordResult> {
    const { kind, channel, integration } = query;
    // Users of other integrations may have the same bare tags, and listUsers does not filter by integration.
    if (kind === 'user' && form === 'bare') return { kind: 'absent' };
    const tags = nameTags(query.tags.by, integration, form);
    return this.#call(
      target,
      (api) => LIST[kind](api, { tags, channel, integration }),
      (body) => {
        const list = memberOf(body, `${kind}s`);
        if (!Array.isArray(list)) return undefined;
        return list.find((item) => hasTags(item, tags));
      },
    );
  }

  /** Gets the record with the tags, or creates it. */
  async #create(target: BotTarget, query: RecordQuery, form: TagForm): Promise<RecordResult> {
    const { kind, channel, integration } = query;
    if (kind === 'message') return { kind: 'absent' };
    const by = nameTags(query.tags.by, integration, form);
    const request = {
      tags: { ...by, ...nameTags(query.tags.also ?? {}, integration, form) },
      discriminateByTags: Object.keys(by),
      ...(integration === undefined ? {} : { integrationName: integration }),
    };
    return this.#call(
      target,
      (api) =>
        kind === 'conversation'
          ? api.getOrCreateConversation({ channel, ...request })
          : api.getOrCreateUser(request),
      (body) => {
        const record = memberOf(body, kind);
        return hasTags(record, by) ? record : undefined;
      },
    );
  }

  /** @param read returns the record of a success, or `undefined` if the response has no record */
  async #call(
    target: BotTarget,
    invoke: (api: Client) => Promise<unknown>,
    read: (body: unknown) => unknown,
  ): Promise<RecordResult> {
    await this.#acquireCall(target);
    const result = await this.#clients.get(target).call(invoke);
    switch (result.kind) {
      case 'answered':
        return toResult(read(result.body));
      case 'refused': {
        const { status, type } = result.refusal;
        const kind = status >= 500 || status === 429 ? 'unavailable' : 'refused';
        return { kind, detail: `${status} ${type}` };
      }
      case 'not_sent':
      case 'ambiguous':
        return { kind: 'unavailable', detail: result.reason };
    }
  }
}

interface ListFilter {
  readonly tags: Readonly<Record<string, string>>;
  readonly channel: string;
  readonly integration: string | undefined;
}

const LIST = {
  conversation: (api: Client, { tags, channel, integration }: ListFilter) =>
    api.listConversations({
      ...{ tags, channel },
      ...(integration === undefined ? {} : { integrationName: integration }),
    }),
  user: (api: Client, { tags }: ListFilter) => api.listUsers({ tags }),
  message: (api: Client, { tags }: ListFilter) => api.listMessages({ tags }),
} as const;

function nameTags(
  tags: Readonly<Record<string, string>>,
  integration: string | undefined,
  form: TagForm,
): Record<string, string> {
  if (integration === undefined || form === 'bare') return { ...tags };
  return Object.fromEntries(Object.entries(tags).map(([tag, value]) => [`${integration}:${tag}`, value]));
}

/**
 * Returns whether a record has all the tags. An API that ignored the filter would otherwise link an event to the
 * conversation of another person.
 */
function hasTags(record: unknown, tags: Readonly<Record<string, string>>): boolean {
  const actual = memberOf(record, 'tags');
  return Object.entries(tags).every(([tag, value]) => memberOf(actual, tag) === value);
}

function toResult(record: unknown): RecordResult {
  if (record === undefined) return { kind: 'absent' };
  const id = memberOf(record, 'id');
  const conversationId = memberOf(record, 'conversationId');
  if (typeof id !== 'string' || !ID.test(id))
    return { kind: 'unavailable', detail: 'a record without an id' };
  return { kind: 'found', id, ...(typeof conversationId === 'string' ? { conversationId } : {}) };
}
