import { toError } from './to-error.ts';

/** A loop that runs in the background of a process. */
export interface BackgroundLoop {
  start(): void;
  /** Resolves when the current step has ended. */
  stop(): Promise<void>;
}

export interface BackgroundTaskOptions {
  /** One run of the task. Returns the milliseconds until the next run. */
  readonly once: () => Promise<number>;
  readonly onError: (error: Error) => void;
  /** Milliseconds until the next run after a failed one. */
  readonly afterError: number;
}

/** Runs a task repeatedly, never twice at once, until it is stopped. */
export class BackgroundTask implements BackgroundLoop {
  readonly #options: BackgroundTaskOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
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
    this.#running = this.#repeat();
  }

  /** Resolves when the current run has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #repeat(): Promise<void> {
    const wait = await this.#try();
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#repeat();
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
