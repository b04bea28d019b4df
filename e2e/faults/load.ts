import { type PlatformResponse, sendLikeAPlatform } from '@sluice/testing';
import type { Scene } from './scene.ts';
import { order, paced, type TestWebhook } from './webhooks.ts';

export interface LoadOptions {
  /** How many things; without it, until `stop`. */
  readonly count?: number;
  /** Without it, as fast as it goes. */
  readonly perSecond?: number;
  /** Requests under way at once; 20 unless given. */
  readonly concurrency?: number;
  /** Makes what is sent; orders for `shop` unless given. */
  readonly make?: (index: number) => TestWebhook;
  /** How often each is sent, at about the same time; once unless given. */
  readonly times?: number | (() => number);
  /** Each try as another thing, as by a platform whose resends cannot be told. */
  readonly resend?: (thing: TestWebhook) => TestWebhook;
}

/** Milliseconds; long enough that an edge which refuses at once is not hammered. */
const RESEND = 100;

/** A platform at work in the background, which resends whatever gets no 2xx. */
export class Load {
  /** Resolves when all that was sent is accepted. */
  readonly done: Promise<void>;
  readonly #watchers = new Set<(response: PlatformResponse) => void>();
  #accepted = 0;
  #stopped = false;

  constructor(scene: Scene, options: LoadOptions = {}) {
    const things = this.#things(scene, options);
    const { perSecond, concurrency = 20, resend } = options;
    const sending = sendLikeAPlatform(perSecond ? paced(things, perSecond) : things, {
      url: ({ connection }) => scene.addressOf(connection),
      concurrency,
      resendAfter: RESEND,
      ledger: scene.ledger,
      ...(resend ? { resend } : {}),
      onResponse: (answer) => {
        scene.responses.push(answer);
        if (answer.status >= 200 && answer.status < 300) this.#accepted++;
        for (const watch of this.#watchers) watch(answer);
      },
    });
    this.done = sending.then(() => {});
    // A row that has failed does not come to await it.
    this.done.catch(() => {});
  }

  /** Resolves when so many 2xx were heard. */
  async accepted(count: number): Promise<void> {
    if (this.#accepted < count) await this.answer(() => this.#accepted >= count);
  }

  /** Resolves with the next answer that fits. */
  answer(fits: (answer: PlatformResponse) => boolean): Promise<PlatformResponse> {
    return new Promise((resolve) => {
      const watch = (answer: PlatformResponse) => {
        if (!fits(answer)) return;
        this.#watchers.delete(watch);
        resolve(answer);
      };
      this.#watchers.add(watch);
    });
  }

  /** Sends nothing new, and waits until what was sent is accepted. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.done;
  }

  *#things(scene: Scene, { count = Number.POSITIVE_INFINITY, make, times = 1 }: LoadOptions) {
    for (let index = 0; index < count && !this.#stopped; index++) {
      const thing = make?.(index) ?? order();
      scene.sent++;
      const often = typeof times === 'number' ? times : times();
      for (let time = 0; time < often; time++) yield thing;
    }
  }
}
