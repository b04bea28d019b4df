import { toError } from './to-error.ts';

/** A loop that runs beside others in a process. */
export interface BackgroundLoop {
  start(): void;
  /** Resolves when the current step has ended. */
  stop(): Promise<void>;
}

export interface BackgroundTaskOptions {
  /** What is done. Answers in how many milliseconds to do it again. */
  readonly once: () => Promise<number>;
  readonly onError: (error: Error) => void;
  /** Milliseconds until it is done again after it has failed. */
  readonly afterError: number;
}

/** Does something again and again, one after the other, until it is stopped. */
export class BackgroundTask implements BackgroundLoop {
  readonly #options: BackgroundTaskOptions;
  #timer: NodeJS.Timeout | undefined;
  #doing: Promise<void> = Promise.resolve();
  #isStopped = true;

  constructor(options: BackgroundTaskOptions) {
    this.#options = options;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#doing = this.#repeat();
  }

  /** Resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#doing;
  }

  async #repeat(): Promise<void> {
    const wait = await this.#try();
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#doing = this.#repeat();
    }, wait);
  }

  /** Never rejects. */
  async #try(): Promise<number> {
    const { once, onError, afterError } = this.#options;
    try {
      return await once();
    } catch (error) {
      onError(toError(error));
      return afterError;
    }
  }
}
