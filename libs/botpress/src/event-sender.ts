import type { BotpressEvent } from '@sluice/events';
import { BotClients, type BotTarget, type CallOptions } from './bot-client.ts';
import { readRateLimit } from './read-response.ts';
import type { EventIds, RateLimit, SendResult } from './results.ts';

export interface SendOptions {
  /**
   * Latest time to start the call, in milliseconds since the epoch. It protects against a process that is
   * suspended between its permit and the call: when it resumes, another worker may own the job's lock.
   */
  readonly deadline?: number;
  /** Records that the event is linked to. */
  readonly ids?: EventIds;
}

/** Creates events. Keeps one client per target; all clients share their kept-alive connections. */
export class EventSender {
  readonly #clients: BotClients;
  readonly #now: () => number;

  constructor(options: CallOptions) {
    this.#clients = new BotClients(options);
    this.#now = options.now;
  }

  /**
   * Calls createEvent once, without retries. Never rejects.
   *
   * @returns `not_sent` without a call if the deadline has passed
   */
  async sendEvent(
    target: BotTarget,
    { type, payload }: BotpressEvent,
    { deadline = Number.POSITIVE_INFINITY, ids }: SendOptions = {},
  ): Promise<SendResult> {
    const client = this.#clients.get(target);
    // No `await` between this check and the call: the process could be suspended in between.
    const late = this.#now() - deadline;
    if (late > 0) return { kind: 'not_sent', reason: `deadline exceeded by ${late} ms` };
    const result = await client.call((api) => api.createEvent({ type, payload, ...ids }), parseCreated);
    return result.kind === 'answered' ? readCreated(result.body, readRateLimit(result.headers, 201)) : result;
  }

  /** Drops all clients so that none keeps a rotated token. Calls in progress complete. */
  clearClients(): void {
    this.#clients.clear();
  }
}

/** A 2xx response without an event, such as a proxy's page, proves nothing. */
function readCreated(
  body: { readonly event?: { readonly id?: unknown } },
  rateLimit: RateLimit | undefined,
): SendResult {
  const id = body?.event?.id;
  if (typeof id !== 'string' || id === '')
    return { kind: 'ambiguous', reason: 'a 2xx answer without an event' };
  return { kind: 'created', eventId: id, ...(rateLimit === undefined ? {} : { rateLimit }) };
}

/** The beginning of Botpress' response to createEvent: the event with its id first. */
const CREATED_EVENT = /^{"event":{"id":"([\w-]+)",/;

/**
 * Reads the event id from createEvent's response without parsing it. The response repeats the whole payload:
 * parsing that of an 8 kB order took 8 % of a worker's CPU.
 *
 * @returns undefined if the response does not begin as Botpress' does and has to be parsed as JSON
 */
export function parseCreated(text: string): { readonly event: { readonly id: string } } | undefined {
  const id = CREATED_EVENT.exec(text)?.[1];
  return id === undefined || !text.endsWith('}}') ? undefined : { event: { id } };
}
