import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { RawError } from './classify-error.ts';

/** What axios hands to an adapter, as far as it is used. */
export interface AdapterConfig {
  readonly baseURL?: string | undefined;
  readonly url?: string | undefined;
  readonly method?: string | undefined;
  readonly headers: { toJSON(): Record<string, unknown> };
  /** What axios' own transformation has made of the body. */
  readonly data?: unknown;
  /** Milliseconds. */
  readonly timeout?: number | undefined;
  readonly validateStatus?: ((status: number) => boolean) | null | undefined;
}

/** What axios wants of an adapter. */
export interface AdapterAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body's text; undefined if the answer broke off. */
  readonly data: string | undefined;
  readonly config: AdapterConfig;
}

type Head = Omit<AdapterAnswer, 'data' | 'config'>;

export interface Settle {
  readonly resolve: (answer: AdapterAnswer) => void;
  readonly reject: (error: Error & RawError) => void;
}

const decoder = new TextDecoder();

/**
 * One request over undici and what becomes of it, told as axios' own adapter tells it.
 *
 * undici says when it begins to write a request (`onRequestStart`), which proves of every failure before that
 * nothing has left. It may begin a request anew by itself after a failure; this one is begun once.
 *
 * The clock runs from the call to the answer's head, and anew for each piece of its body, as axios' does.
 */
export class UndiciExchange implements Dispatcher.DispatchHandler {
  readonly #config: AdapterConfig;
  readonly #settle: Settle;
  readonly #chunks: Uint8Array[] = [];
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #head: Head | undefined;
  #isOver = false;

  constructor(config: AdapterConfig, settle: Settle) {
    this.#config = config;
    this.#settle = settle;
    this.#timer = setTimeout(() => this.#giveUp(), config.timeout);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited for its connection, or begun before: nothing is written of it now.
    if (this.#isOver || this.#controller) {
      controller.abort(new Error(this.#isOver ? 'given up' : 'begun before'));
      return;
    }
    this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    statusText = '',
  ): void {
    if (status < 200) return;
    this.#timer.refresh();
    this.#head = { status, statusText, headers: firstOfEach(headers) };
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#timer.refresh();
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#end(decoder.decode(bytes));
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.fail(error);
  }

  /** Ends it without a whole answer. */
  fail(error: Error): void {
    if (this.#head) this.#end(undefined);
    else this.#reject(codeOf(error), error);
  }

  #giveUp(): void {
    const controller = this.#controller;
    if (this.#head) this.#end(undefined);
    else this.#reject('ECONNABORTED', undefined);
    controller?.abort(new Error('given up'));
  }

  #end(data: string | undefined): void {
    const { status = 0, statusText = '', headers = {} } = this.#head ?? {};
    const answer = { status, statusText, headers, data, config: this.#config };
    const isGood = data !== undefined && this.#config.validateStatus?.(status) !== false;
    if (!isGood) this.#reject('ERR_BAD_RESPONSE', undefined, answer);
    else if (this.#close()) this.#settle.resolve(answer);
  }

  #reject(code: string, cause: Error | undefined, response?: AdapterAnswer): void {
    if (!this.#close()) return;
    const error = new Error(code, { cause });
    // Without `isAxiosError` the client does not read Botpress' error, without `config` its hook for retries is mute.
    const told = { isAxiosError: true, code, config: this.#config, hasBegun: this.#controller !== undefined };
    this.#settle.reject(Object.assign(error, told, response ? { response } : {}));
  }

  /** Returns whether it was not over before. */
  #close(): boolean {
    clearTimeout(this.#timer);
    const wasOver = this.#isOver;
    this.#isOver = true;
    return !wasOver;
  }
}

/** Of a header that came twice the first counts. */
function firstOfEach(headers: IncomingHttpHeaders): Record<string, string> {
  const first: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    first[name] = (Array.isArray(value) ? value[0] : value) ?? '';
  }
  return first;
}

/** Codes of undici by the names that axios has for the same, so that nobody sees over which of them it was. */
const CODES: Readonly<Record<string, string>> = {
  UND_ERR_SOCKET: 'ECONNRESET',
  UND_ERR_CONNECT_TIMEOUT: 'ECONNABORTED',
};

function codeOf(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== 'string') return error.name;
  return code.startsWith('ERR_SSL_') ? 'EPROTO' : (CODES[code] ?? code);
}
