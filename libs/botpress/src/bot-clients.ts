import { BotClient, type CallOptions } from './bot-client.ts';
import type { BotTarget } from './bot-target.ts';

/** One client for each target; all of them share their kept-alive connections. */
export class BotClients {
  readonly #options: CallOptions;
  readonly #clients = new Map<string, BotClient>();

  constructor(options: CallOptions) {
    this.#options = options;
  }

  /** The client of a target, made when it is first asked for. */
  of(target: BotTarget): BotClient {
    const key = targetKey(target);
    let client = this.#clients.get(key);
    if (!client) {
      client = new BotClient(target, this.#options);
      this.#clients.set(key, client);
    }
    return client;
  }

  /** Forgets all, so that a rotated token leaves none behind. Calls that are under way go on. */
  forget(): void {
    this.#clients.clear();
  }
}

/** Tells targets apart. It holds the token: not for logs. */
export function targetKey({ apiUrl, botId, integrationId, integrationAlias, token }: BotTarget): string {
  return JSON.stringify([apiUrl, botId, integrationId, integrationAlias, token]);
}
