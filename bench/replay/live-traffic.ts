import { setTimeout as pause } from 'node:timers/promises';
import { seededRandom } from '@sluice/testing';
import { enqueue } from '../eager-producer.ts';
import { percentile } from '../numbers.ts';
import { liveOrder } from './order.ts';
import type { Stage } from './stage.ts';

export interface TrafficOptions {
  readonly perSecond: number;
  readonly seconds: number;
  readonly seed: number;
}

/** Milliseconds from the enqueue of a delivery to the call that created its event. */
export interface Lag {
  readonly p50: number;
  readonly p99: number;
}

/** Sends orders at moments that do not depend on how the others fare, the same for the same seed. */
export async function sendLive(stage: Stage, { perSecond, seconds, seed }: TrafficOptions): Promise<Lag> {
  const random = seededRandom(seed);
  const start = clock();
  const sent = new Map<string, number>();
  const enqueued: Promise<void>[] = [];
  for (let due = 0; due < seconds; due += -Math.log(1 - random()) / perSecond) {
    const wait = start + 1_000 * due - clock();
    if (wait > 0) await pause(wait);
    const order = liveOrder();
    sent.set(order.delivery.id, clock());
    enqueued.push(enqueue(stage.producer, [order]));
  }
  await Promise.all(enqueued);
  return lagOf(stage, sent, Math.floor(start));
}

async function lagOf({ sandbox }: Stage, sent: ReadonlyMap<string, number>, since: number): Promise<Lag> {
  for (;;) {
    const calls = await sandbox.calls({ since: String(since), status: '201' });
    const lags = calls.flatMap(({ deliveryId, at }) => {
      const sentAt = sent.get(deliveryId ?? '');
      return sentAt === undefined ? [] : [at - sentAt];
    });
    if (lags.length === sent.size) return { p50: percentile(lags, 0.5), p99: percentile(lags, 0.99) };
    await pause(100);
  }
}

/** Milliseconds since the epoch, with parts: the sandbox's have none, which is the same on all sides. */
const clock = () => performance.timeOrigin + performance.now();
