import { seededRandom } from '@sluice/testing';
import { invalidOrder, order, type TestWebhook, troubleWebhook } from '../faults/webhooks.ts';
import type { ExpectedOutcome, Model } from './model.ts';

interface Kind {
  readonly weight: number;
  readonly fate: ExpectedOutcome;
  make(): TestWebhook;
}

/** The webhooks sent, with their shares in percent. */
const KINDS: readonly Kind[] = [
  { weight: 32, fate: 'event', make: () => order('shop-a') },
  { weight: 24, fate: 'event', make: () => order('shop-b') },
  { weight: 22, fate: 'event', make: () => order('solo') },
  { weight: 14, fate: 'event', make: () => troubleWebhook({ trouble: 'none' }) },
  { weight: 2, fate: 'mapper_threw', make: () => troubleWebhook({ trouble: 'throw' }) },
  { weight: 2, fate: 'invalid_input', make: () => invalidOrder('shop-b') },
  { weight: 4, fate: 'ignored', make: () => unwanted('solo') },
];

/** Share of webhooks sent two or three times at about the same time. */
const AT_ONCE = 0.05;

/** Share of requests that resend an earlier webhook, possibly minutes old. */
const LATE = 0.03;

/** Every n-th webhook may be resent later. Their bodies have to be kept. */
const KEPT_EVERY = 40;

/** Chooses the webhooks of a soak by a seed and records them in the model. */
export class Mix {
  readonly #random: () => number;
  readonly #model: Model;
  readonly #kept: TestWebhook[] = [];

  constructor(model: Model, seed: number) {
    this.#model = model;
    this.#random = seededRandom(seed);
  }

  /** Webhooks that may be resent. */
  get kept(): ReadonlySet<object> {
    return new Set(this.#kept);
  }

  /** Returns the next webhook, usually a new one. */
  next(): TestWebhook {
    const again = this.#kept[Math.floor(this.#random() * this.#kept.length)];
    if (again && this.#random() < LATE) return again;
    let left = this.#random() * KINDS.reduce((sum, { weight }) => sum + weight, 0);
    const kind = KINDS.find(({ weight }) => {
      left -= weight;
      return left < 0;
    });
    const { make, fate } = kind ?? (KINDS[0] as Kind);
    const webhook = make();
    this.#model.expect(webhook, fate);
    if (this.#model.size % KEPT_EVERY === 0) this.#kept.push(webhook);
    return webhook;
  }

  /** Returns how often a webhook is sent at about the same time. */
  times(): number {
    if (this.#random() >= AT_ONCE) return 1;
    return this.#random() < 0.5 ? 2 : 3;
  }
}

/** Returns a webhook of a disabled topic. */
function unwanted(connection: string): TestWebhook {
  const webhook = order(connection);
  return { ...webhook, headers: { ...webhook.headers, 'x-shopify-topic': 'carts/update' } };
}
