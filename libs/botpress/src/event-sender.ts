import type { BotpressEvent } from '@sluice/events';
import type { CallOptions } from './bot-client.ts';
import { BotClients } from './bot-clients.ts';
import type { BotTarget } from './bot-target.ts';
import { parseCreated } from './parse-created.ts';
import type { SendResult } from './send-result.ts';

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
    const { body, told } = result;
    return readAnswer(body, told === undefined ? {} : { told });
  }

  /** Forgets all clients, so that a rotated token leaves none behind. */
  forgetClients(): void {
    this.#clients.forget();
  }
}

/** A 2xx without an event in it, a proxy's page say, is no proof of anything. */
function readAnswer(
  answer: { readonly event?: { readonly id?: unknown } },
  told: Pick<SendResult & { kind: 'created' }, 'told'>,
): SendResult {
  const id = answer?.event?.id;
  if (typeof id === 'string' && id !== '') return { kind: 'created', eventId: id, ...told };
  return { kind: 'ambiguous', why: 'a 2xx answer without an event' };
}
