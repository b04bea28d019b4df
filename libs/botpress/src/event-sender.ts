import type { BotpressEvent } from '@sluice/events';
import { BotClient } from './bot-client.ts';
import type { BotTarget } from './bot-target.ts';
import type { SendResult } from './send-result.ts';

export interface EventSenderOptions {
  /** Milliseconds until an answer counts as lost. */
  readonly timeout: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Sends events, with one client for each target; their connections are kept alive and shared. */
export class EventSender {
  readonly #options: EventSenderOptions;
  readonly #clients = new Map<string, BotClient>();

  constructor(options: EventSenderOptions) {
    this.#options = options;
  }

  /** Calls createEvent once. Never rejects. */
  sendEvent(target: BotTarget, event: BotpressEvent): Promise<SendResult> {
    return this.#clientOf(target).sendEvent(event);
  }

  /** Forgets all clients, so that a rotated token leaves none behind. */
  forgetClients(): void {
    this.#clients.clear();
  }

  #clientOf(target: BotTarget): BotClient {
    const { apiUrl, botId, integrationId, integrationAlias, token } = target;
    const key = JSON.stringify([apiUrl, botId, integrationId, integrationAlias, token]);
    let client = this.#clients.get(key);
    if (!client) {
      client = new BotClient(target, this.#options.timeout, this.#options.now);
      this.#clients.set(key, client);
    }
    return client;
  }
}
