import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { RawError } from './classify-error.ts';

/** An answer whose head has come. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its body; undefined if it broke off. */
  readonly text: string | undefined;
}

export interface Settle {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: RawError) => void;
}

const decoder = new TextDecoder();

/**
 * One request over undici and what becomes of it.
 *
 * undici says when it begins to write a request (`onRequestStart`), which proves of every failure before that
 * nothing has left. It may begin a request anew by itself after a failure; this one is begun once.
 *
 * The clock runs from the call to the answer's head, and anew for each piece of its body.
 */
export class UndiciExchange implements Dispatcher.DispatchHandler {
  readonly #settle: Settle;
  readonly #chunks: Uint8Array[] = [];
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #head: Omit<Answer, 'text'> | undefined;
  #isOver = false;

  /** @param timeout milliseconds */
  constructor(timeout: number, settle: Settle) {
    this.#settle = settle;
    this.#timer = setTimeout(() => this.#giveUp(), timeout);
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
  ): void {
    if (status < 200) return;
    this.#timer.refresh();
    this.#head = { status, headers: firstOfEach(headers) };
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
    this.#end(undefined, codeOf(error));
  }

  #giveUp(): void {
    const controller = this.#controller;
    this.#end(undefined, 'ECONNABORTED');
    controller?.abort(new Error('given up'));
  }

  #end(text: string | undefined, code = 'unknown error'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#head) this.#settle.resolve({ ...this.#head, text });
    else this.#settle.reject({ code, hasBegun: this.#controller !== undefined });
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
