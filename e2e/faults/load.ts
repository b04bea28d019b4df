import { type PlatformResponse, sendLikeAPlatform } from '@sluice/testing';
import type { Scene } from './scene.ts';
import { order, paced, type TestWebhook } from './webhooks.ts';

export interface LoadOptions {
  /** Number of webhooks. Default: until `stop`. */
  readonly count?: number;
  /** Default: no limit. */
  readonly perSecond?: number;
  /** Concurrent requests. Default: 20. */
  readonly concurrency?: number;
  /** Creates a webhook. Default: an order for the connection `shop`. */
  readonly make?: (index: number) => TestWebhook;
  /** How often each webhook is sent, at about the same time. Default: once. */
  readonly times?: number | (() => number);
  /** Changes the webhook of each resend, like a platform whose resends have new ids. */
  readonly resend?: (webhook: TestWebhook) => TestWebhook;
}

/** Milliseconds before a resend, so that immediate rejections by ingest do not cause a flood of requests. */
const RESEND = 100;

/** Sends webhooks in the background, and resends each until it gets a 2xx. */
export class Load {
  /** Resolves when all webhooks are accepted. */
  readonly done: Promise<void>;
  readonly #watchers = new Set<(response: PlatformResponse) => void>();
  #accepted = 0;
  #stopped = false;

  constructor(scene: Scene, options: LoadOptions = {}) {
    const webhooks = this.#webhooks(scene, options);
    const { perSecond, concurrency = 20, resend } = options;
    const sending = sendLikeAPlatform(perSecond ? paced(webhooks, perSecond) : webhooks, {
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
    // A row that fails early does not await it.
    this.done.catch(() => {});
  }

  /** Resolves after `count` 2xx responses. */
  async accepted(count: number): Promise<void> {
    if (this.#accepted < count) await this.answer(() => this.#accepted >= count);
  }

  /** Resolves with the next matching response. */
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

  /** Stops sending new webhooks and waits until those sent are accepted. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.done;
  }

  *#webhooks(scene: Scene, { count = Number.POSITIVE_INFINITY, make, times = 1 }: LoadOptions) {
    for (let index = 0; index < count && !this.#stopped; index++) {
      const webhook = make?.(index) ?? order();
      scene.sent++;
      const often = typeof times === 'number' ? times : times();
      for (let time = 0; time < often; time++) yield webhook;
    }
  }
}
