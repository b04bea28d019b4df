import type { BotpressEvent } from '@sluice/events';
import { BotClients, type BotTarget, type CallOptions } from './bot-client.ts';
import type { SendResult } from './results.ts';

export type EventSenderOptions = CallOptions;

export interface SendOptions {
  /**
   * Until when the call may begin, in milliseconds since the epoch. A process that was stopped between asking
   * for its turn and sending wakes with a lock that is another's by now.
   */
  readonly deadline?: number;
}

/** Sends events, with one client for each target; their connections are kept alive and shared. */
export class EventSender {
  readonly #clients: BotClients;
  readonly #now: () => number;

  constructor(options: EventSenderOptions) {
    this.#clients = new BotClients(options);
    this.#now = options.now;
  }

  /** Calls createEvent once, or not at all after the deadline. Never rejects. */
  async sendEvent(
    target: BotTarget,
    { type, payload }: BotpressEvent,
    { deadline = Number.POSITIVE_INFINITY }: SendOptions = {},
  ): Promise<SendResult> {
    const client = this.#clients.of(target);
    // Nothing may be awaited from here to the call, or the process may be stopped in between.
    const late = this.#now() - deadline;
    if (late > 0) return { kind: 'not_sent', why: `too late: ${late} ms after its deadline` };
    const result = await client.call((api) => api.createEvent({ type, payload }), parseCreated);
    if (result.kind !== 'answered') return result;
    const { body, rateLimit } = result;
    return readAnswer(body, rateLimit === undefined ? {} : { rateLimit });
  }

  /** Forgets all clients, so that a rotated token leaves none behind. */
  forgetClients(): void {
    this.#clients.forget();
  }
}

/** A 2xx without an event in it, a proxy's page say, is no proof of anything. */
function readAnswer(
  answer: { readonly event?: { readonly id?: unknown } },
  rateLimit: Pick<SendResult & { kind: 'created' }, 'rateLimit'>,
): SendResult {
  const id = answer?.event?.id;
  if (typeof id === 'string' && id !== '') return { kind: 'created', eventId: id, ...rateLimit };
  return { kind: 'ambiguous', why: 'a 2xx answer without an event' };
}

/** An event that begins with its id, as Botpress answers. */
const BEGINS = /^{"event":{"id":"([\w-]+)",/;

/**
 * Reads the id out of createEvent's answer. It repeats the whole payload: to parse that of an order of 8 kB, of
 * which nothing else is wanted, took 8 % of a worker's CPU.
 *
 * @returns undefined if the answer does not begin as Botpress' own does, and has to be parsed
 */
export function parseCreated(text: string): { readonly event: { readonly id: string } } | undefined {
  const id = BEGINS.exec(text)?.[1];
  return id === undefined || !text.endsWith('}}') ? undefined : { event: { id } };
}
