import type { EventLink, LinkedRecord } from '@sluice/events';
import { type BotTarget, type CallOptions, targetKey } from './bot-client.ts';
import { ChatRecords, type RecordResult } from './chat-records.ts';
import type { EventIds } from './results.ts';

/** Why an event is linked to fewer records than its connection configures. */
export interface LinkProblem {
  readonly reason: LinkFailure;
  /** Without values of the event. */
  readonly detail: string;
}

/**
 * - `no_tags`: the body has none of the configured values
 * - `absent`: no such record, and none could be created
 * - `refused`: Botpress refused the calls that find records
 * - `unavailable`: the calls got no usable answer
 * - `timeout`: the calls took too long
 * - `paused`: earlier calls failed, and the next ones are omitted for a while
 * - `rejected`: createEvent refused the ids
 */
export const LINK_FAILURES = [
  'no_tags',
  'absent',
  'refused',
  'unavailable',
  'timeout',
  'paused',
  'rejected',
] as const;

export type LinkFailure = (typeof LINK_FAILURES)[number];

export interface LinkResult {
  readonly ids: EventIds;
  readonly problem?: LinkProblem;
}

export interface LinkTarget extends BotTarget {
  /** Token for calls as the bot, if that of the target is not valid for them. */
  readonly botToken?: string | undefined;
}

/** Records kept per process: 10,000 take about 5 MB. */
const MAX_RECORDS = 10_000;

/** Milliseconds for which an id is used without another call. A deleted record is noticed at once by createEvent. */
const KEEP_FOUND = 10 * 60_000;

/** Milliseconds for which a failed search is not repeated. */
const KEEP_FAILED = 10_000;

/** Consecutive failures of a target after which its calls pause, and milliseconds of the pause. */
const MAX_FAILURES = 3;
const PAUSE = 30_000;

interface CachedRecord {
  readonly result: Promise<RecordOutcome>;
  /** Milliseconds since the epoch; infinite during the call. */
  expiresAt: number;
}

type RecordOutcome =
  | Extract<RecordResult, { kind: 'found' | 'absent' }>
  | { readonly kind: 'failed'; readonly problem: LinkProblem };

/**
 * Finds or creates the conversation, user and message of events. Concurrent requests for one record share a call, and
 * results are cached, so that a thousand events of ten conversations take ten calls.
 */
export class EventLinker {
  readonly #records: ChatRecords;
  readonly #now: () => number;
  readonly #timeout: number;
  /** In the order of use. */
  readonly #cache = new Map<string, CachedRecord>();
  readonly #failures = new Map<string, { count: number; pausedUntil: number }>();

  /** @param options `timeout`: milliseconds for all calls of one event, and for each of them */
  constructor(options: CallOptions) {
    this.#records = new ChatRecords(options);
    this.#now = options.now;
    this.#timeout = options.timeout;
  }

  /** Drops clients and results, so that a changed connection takes effect. */
  clearClients(): void {
    this.#records.clearClients();
    this.#cache.clear();
    this.#failures.clear();
  }

  /** Returns the ids of the records of an event, as far as they are known within the timeout. Never rejects. */
  resolve(target: LinkTarget, link: EventLink): Promise<LinkResult> {
    return new Promise((done) => {
      const problem = { reason: 'timeout', detail: `no answer within ${this.#timeout} ms` } as const;
      const timer = setTimeout(() => done({ ids: {}, problem }), this.#timeout);
      void this.#resolveAll(toCaller(target, link), link).then((result) => {
        clearTimeout(timer);
        done(result);
      });
    });
  }

  /** Forgets the records of an event, because one of them does not exist any more. */
  forget(target: LinkTarget, link: EventLink): void {
    for (const key of keysOf(toCaller(target, link), link)) this.#cache.delete(key);
  }

  /** Stops the use of the records of an event for a while, because createEvent refuses their ids. */
  reject(target: LinkTarget, link: EventLink, detail: string): void {
    const caller = toCaller(target, link);
    const problem = { reason: 'rejected', detail } as const;
    const result = Promise.resolve({ kind: 'failed', problem } as const);
    for (const key of keysOf(caller, link)) this.#put(key, { result, expiresAt: this.#now() + KEEP_FOUND });
    this.#countFailure(targetKey(caller));
  }

  async #resolveAll(caller: BotTarget, link: EventLink): Promise<LinkResult> {
    const [{ conversation, message }, user] = await Promise.all([
      this.#findConversation(caller, link),
      this.#find(caller, link, 'user'),
    ]);
    const outcomes = [conversation, user, message].filter((outcome) => outcome !== undefined);
    if (outcomes.length === 0) {
      return { ids: {}, problem: { reason: 'no_tags', detail: 'the body has no value for a tag' } };
    }
    const ids = {
      ...(conversation?.kind === 'found' ? { conversationId: conversation.id } : {}),
      ...(user?.kind === 'found' ? { userId: user.id } : {}),
      ...(message?.kind === 'found' ? { messageId: message.id } : {}),
    };
    const problem =
      problemOf([conversation, user]) ?? problemOf([message].filter((one) => one?.kind === 'failed'));
    return problem ? { ids, problem } : { ids };
  }

  /** A message names its conversation. */
  async #findConversation(caller: BotTarget, link: EventLink) {
    const message = await this.#find(caller, link, 'message');
    const conversation: RecordOutcome | undefined =
      message?.kind === 'found' && message.conversationId !== undefined
        ? { kind: 'found', id: message.conversationId }
        : await this.#find(caller, link, 'conversation');
    return { conversation, message };
  }

  /** Returns `undefined` if the event has no tags for the record. */
  #find(caller: BotTarget, link: EventLink, kind: LinkedRecord): Promise<RecordOutcome | undefined> {
    const key = keyOf(caller, link, kind);
    if (key === undefined) return Promise.resolve(undefined);
    const cached = this.#cache.get(key);
    if (cached && cached.expiresAt > this.#now()) {
      this.#put(key, cached);
      return cached.result;
    }
    const { pausedUntil = 0 } = this.#failures.get(targetKey(caller)) ?? {};
    if (pausedUntil > this.#now()) {
      const detail = `${MAX_FAILURES} calls failed one after another`;
      return Promise.resolve({ kind: 'failed', problem: { reason: 'paused', detail } });
    }
    const result = this.#call(caller, link, kind);
    const entry: CachedRecord = { result, expiresAt: Number.POSITIVE_INFINITY };
    this.#put(key, entry);
    void result.then(({ kind: outcome }) => {
      entry.expiresAt = this.#now() + (outcome === 'found' ? KEEP_FOUND : KEEP_FAILED);
    });
    return result;
  }

  async #call(caller: BotTarget, link: EventLink, kind: LinkedRecord): Promise<RecordOutcome> {
    const { channel, integration, [kind]: tags = { by: {} } } = link;
    const query = { kind, channel, tags, ...(integration === undefined ? {} : { integration }) };
    const result = await this.#records.find(caller, query);
    const key = targetKey(caller);
    if (result.kind === 'found' || result.kind === 'absent') {
      this.#failures.delete(key);
      return result;
    }
    this.#countFailure(key);
    return { kind: 'failed', problem: { reason: result.kind, detail: `${kind}: ${result.detail}` } };
  }

  #countFailure(key: string): void {
    const { count } = this.#failures.get(key) ?? { count: 0 };
    const pausedUntil = count + 1 >= MAX_FAILURES ? this.#now() + PAUSE : 0;
    this.#failures.set(key, { count: count + 1, pausedUntil });
  }

  /** Makes the record the one used last. */
  #put(key: string, record: CachedRecord): void {
    this.#cache.delete(key);
    this.#cache.set(key, record);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > MAX_RECORDS && oldest !== undefined) this.#cache.delete(oldest);
  }
}

/** The integration that sends the event finds its own records; only the bot sees those of other integrations. */
function toCaller({ botToken, ...target }: LinkTarget, { integration }: EventLink): BotTarget {
  if (integration === undefined) return target;
  return { apiUrl: target.apiUrl, botId: target.botId, token: botToken ?? target.token };
}

const KINDS = ['conversation', 'user', 'message'] as const;

function keysOf(caller: BotTarget, link: EventLink): readonly string[] {
  return KINDS.flatMap((kind) => keyOf(caller, link, kind) ?? []);
}

/** Contains token and tags: do not log it. */
function keyOf(
  caller: BotTarget,
  { integration, channel, ...tags }: EventLink,
  kind: LinkedRecord,
): string | undefined {
  const { by } = tags[kind] ?? {};
  if (by === undefined) return undefined;
  return JSON.stringify([targetKey(caller), integration, kind === 'conversation' ? channel : kind, by]);
}

function problemOf(outcomes: readonly (RecordOutcome | undefined)[]): LinkProblem | undefined {
  for (const outcome of outcomes) {
    if (outcome?.kind === 'failed') return outcome.problem;
    if (outcome?.kind === 'absent') return { reason: 'absent', detail: 'no such record' };
  }
  return undefined;
}
