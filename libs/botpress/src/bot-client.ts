import { Client } from '@botpress/client';
import { classifyError, TIMEOUT_REASON } from './classify-error.ts';
import { ClientTransport } from './client-transport.ts';
import type { FailedCall } from './results.ts';
import type { CallRecord, RawError, ResponseHeaders, RunCall } from './transport.ts';
import { useUndici } from './undici-transport.ts';

/** A bot at Botpress, and the identity that calls it. */
export interface BotTarget {
  readonly apiUrl: string;
  readonly botId: string;
  /** Integration that events are sent as: Sluice sends the bare event name, the bot sees `integration:name`. */
  readonly integrationId?: string;
  readonly integrationAlias?: string;
  readonly token: string;
}

/** Outcome of one call. */
export type CallResult<T> =
  | { readonly kind: 'answered'; readonly body: T; readonly headers: ResponseHeaders }
  | FailedCall;

/** Waits until the limits of a target's workspace allow another call. Never rejects. */
export type AcquireCall = (target: Pick<BotTarget, 'botId'>) => Promise<void>;

export interface CallOptions {
  /** Milliseconds to wait for a response. */
  readonly timeout: number;
  /** Returns the time in milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves when a call that only reads may start. Without it reads start at once. */
  readonly acquireCall?: AcquireCall;
  /** The client, by default the installed one. Tests pass another major of it. */
  readonly clientClass?: typeof Client;
}

/** Identity of calls. The client reads a missing `botId` or `integrationId` from its environment variables. */
type ClientIdentity = Partial<BotTarget> & { readonly workspaceId?: string };

/**
 * Milliseconds after the timeout at which a call is abandoned. The timeouts of axios and undici stop at the response
 * head, so a body that arrives in small pieces would never time out (measured: 7.7 s at a timeout of 1.5 s).
 */
const ABANDON_AFTER = 1_000;

/** The Botpress client of one target, over undici where possible, otherwise over its own transport. */
export class BotClient {
  readonly #client: Client;
  readonly #run: RunCall;
  readonly #options: CallOptions;

  constructor(identity: ClientIdentity, options: CallOptions) {
    const { timeout, clientClass: ClientClass = Client } = options;
    const transport = new ClientTransport();
    this.#options = options;
    this.#client = new ClientClass({ ...identity, timeout, retry: transport.retry });
    this.#run = useUndici(this.#client, timeout) ?? transport.observe(this.#client);
  }

  /**
   * Makes one call without retries. The transport has the request before this method returns.
   *
   * @param invoke calls one operation of the client
   * @param parse parses the body of a success if only part of it is needed; `undefined` falls back to JSON
   * @returns never rejects; every failure is classified, at most one second after the timeout
   */
  call<T>(invoke: (client: Client) => Promise<T>, parse?: (text: string) => unknown): Promise<CallResult<T>> {
    const call: CallRecord = { parse };
    return new Promise((resolve) => {
      const abandon = () => resolve({ kind: 'ambiguous', reason: TIMEOUT_REASON });
      const timer = setTimeout(abandon, this.#options.timeout + ABANDON_AFTER);
      void this.#invoke(call, invoke).then((result) => {
        clearTimeout(timer);
        resolve(result);
      });
    });
  }

  async #invoke<T>(call: CallRecord, invoke: (client: Client) => Promise<T>): Promise<CallResult<T>> {
    try {
      const body = await this.#run(call, () => invoke(this.#client));
      return { kind: 'answered', body, headers: call.headers ?? {} };
    } catch (error) {
      return classifyError(call.raw ?? rawErrorOf(error), this.#options.now());
    }
  }
}

/**
 * Reads an error that no transport recorded. If the client failed before the request (an invalid address, for
 * example), its error wraps the original one, whose code proves it. Any other error proves nothing.
 */
function rawErrorOf(error: unknown): RawError {
  if (!(error instanceof Error)) return { code: 'unknown error' };
  const { error: cause } = error as { readonly error?: { readonly code?: unknown } };
  return { code: typeof cause?.code === 'string' ? cause.code : error.name };
}

/** One client per target. All clients share their kept-alive connections. */
export class BotClients {
  readonly #options: CallOptions;
  readonly #clients = new Map<string, BotClient>();

  constructor(options: CallOptions) {
    this.#options = options;
  }

  /** Returns the client of a target; creates it on first use. */
  get(target: BotTarget): BotClient {
    const key = targetKey(target);
    let client = this.#clients.get(key);
    if (!client) {
      client = new BotClient(target, this.#options);
      this.#clients.set(key, client);
    }
    return client;
  }

  /** Drops all clients so that none keeps a rotated token. Calls in progress complete. */
  clear(): void {
    this.#clients.clear();
  }
}

/** Returns a string that identifies the target. It contains the token: do not log it. */
export function targetKey(target: BotTarget): string {
  return JSON.stringify([callerKey(target), target.token]);
}

/** Returns a string that identifies the caller of the API, regardless of its token. */
export function callerKey({ apiUrl, botId, integrationId, integrationAlias }: BotTarget): string {
  return JSON.stringify([apiUrl, botId, integrationId, integrationAlias]);
}
