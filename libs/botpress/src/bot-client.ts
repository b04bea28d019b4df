import { Client } from '@botpress/client';
import { AxiosTransport } from './axios-transport.ts';
import { classifyError, NO_ANSWER, type RawError } from './classify-error.ts';
import type { FailedCall, RateLimit } from './results.ts';
import type { CallRecord, RunCall } from './transport.ts';
import { useUndici } from './undici-transport.ts';

/** Where events go, and as whom. */
export interface BotTarget {
  readonly apiUrl: string;
  readonly botId: string;
  /** With it the event's bare name is sent, and the bot sees `integration:name`. */
  readonly integrationId?: string;
  readonly integrationAlias?: string;
  readonly token: string;
}

/** What one call came to. */
export type CallResult<T> =
  | { readonly kind: 'answered'; readonly body: T; readonly rateLimit?: RateLimit }
  | FailedCall;

export interface CallOptions {
  /** Milliseconds until an answer counts as lost. */
  readonly timeout: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** As whom calls are made. Without `botId` or `integrationId` the client takes those of its own environment. */
export type Caller = Partial<BotTarget> & { readonly workspaceId?: string };

/**
 * Milliseconds after the timeout when a call is given up: axios' own clock stops at an answer's head, so that
 * a body that trickles would be waited for without end (measured: 7.7 s at a timeout of 1.5 s).
 */
const GIVEN_UP_AFTER = 1_000;

/** Botpress' client for one target: over undici where it can be had, and else over axios, as it comes. */
export class BotClient {
  readonly #client: Client;
  readonly #run: RunCall;
  readonly #options: CallOptions;

  constructor(caller: Caller, options: CallOptions) {
    const { timeout } = options;
    const axios = new AxiosTransport();
    this.#options = options;
    this.#client = new Client({ ...caller, timeout, retry: axios.retry });
    this.#run = useUndici(this.#client, timeout) ?? axios.watch(this.#client);
  }

  /**
   * Makes one call, once. It is handed on before this returns. Never rejects: every failure is
   * classified, and comes a second after the timeout at the latest.
   *
   * @param parse reads what is wanted of a success, if that is not all; what it does not know is read as JSON
   */
  call<T>(make: (client: Client) => Promise<T>, parse?: (text: string) => unknown): Promise<CallResult<T>> {
    const call: CallRecord = { parse };
    return new Promise((resolve) => {
      const giveUp = () => resolve({ kind: 'ambiguous', why: NO_ANSWER });
      const timer = setTimeout(giveUp, this.#options.timeout + GIVEN_UP_AFTER);
      void this.#make(call, make).then((result) => {
        clearTimeout(timer);
        resolve(result);
      });
    });
  }

  async #make<T>(call: CallRecord, make: (client: Client) => Promise<T>): Promise<CallResult<T>> {
    try {
      const body = await this.#run(call, () => make(this.#client));
      return {
        kind: 'answered',
        body,
        ...(call.rateLimit === undefined ? {} : { rateLimit: call.rateLimit }),
      };
    } catch (error) {
      return classifyError(call.raw ?? withoutRaw(error), this.#options.now());
    }
  }
}

/**
 * Of an error that was thrown on the way out, an address that is none say, the client's error keeps
 * what it was made of. Of any other nobody knows how far the request came.
 */
function withoutRaw(error: unknown): RawError {
  if (!(error instanceof Error)) return { code: 'unknown error' };
  const { error: cause } = error as { readonly error?: { readonly code?: unknown } };
  return { code: typeof cause?.code === 'string' ? cause.code : error.name };
}

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
