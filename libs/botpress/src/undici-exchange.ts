import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { RawError } from './transport.ts';

/** A response whose head has arrived. */
export interface HttpResponse {
  readonly status: number;
  /** Header names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; undefined if it was cut off. */
  readonly text: string | undefined;
}

export interface ExchangeCallbacks {
  readonly resolve: (response: HttpResponse) => void;
  /** Called if no response head arrives. */
  readonly reject: (error: RawError) => void;
}

const decoder = new TextDecoder();

/**
 * One request over undici, and its response.
 *
 * undici calls `onRequestStart` before it writes a request. A failure before that call therefore proves that
 * nothing was sent. undici may start a request again after a failure; this handler aborts the second start.
 *
 * The timeout runs from the call to the response head, and restarts with each piece of the body.
 */
export class UndiciExchange implements Dispatcher.DispatchHandler {
  readonly #callbacks: ExchangeCallbacks;
  readonly #chunks: Uint8Array[] = [];
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #head: Omit<HttpResponse, 'text'> | undefined;
  #isFinished = false;

  /** @param timeout milliseconds */
  constructor(timeout: number, callbacks: ExchangeCallbacks) {
    this.#callbacks = callbacks;
    this.#timer = setTimeout(() => this.#timeOut(), timeout);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Timed out while waiting for a connection, or a second start: abort before anything is written.
    if (this.#isFinished || this.#controller) {
      controller.abort(new Error(this.#isFinished ? 'timed out' : 'already started'));
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
    this.#head = { status, headers: firstValues(headers) };
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#timer.refresh();
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#finish(decoder.decode(bytes));
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.fail(error);
  }

  /** Ends the exchange without a complete response. */
  fail(error: Error): void {
    this.#finish(undefined, codeOf(error));
  }

  #timeOut(): void {
    const controller = this.#controller;
    this.#finish(undefined, 'ECONNABORTED');
    controller?.abort(new Error('timed out'));
  }

  #finish(text: string | undefined, code = 'unknown error'): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    clearTimeout(this.#timer);
    if (this.#head) this.#callbacks.resolve({ ...this.#head, text });
    else this.#callbacks.reject({ code, requestStarted: this.#controller !== undefined });
  }
}

/** Reduces repeated headers to their first value. */
function firstValues(headers: IncomingHttpHeaders): Record<string, string> {
  const first: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    first[name] = (Array.isArray(value) ? value[0] : value) ?? '';
  }
  return first;
}

function codeOf(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
