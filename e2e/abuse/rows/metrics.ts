import type { SampleRequest } from '@sluice/events';
import { post, type WebhookResponse } from '../post.ts';
import type { Row } from '../row.ts';
import { signedBody } from '../signed.ts';
import { finalLogLine, type Target } from '../target.ts';

/** Made-up names: topics of two sources, ids, connections. */
const MADE_UP: readonly ((name: string) => { to: string; request: SampleRequest })[] = [
  (name) => ({ to: 'shopify', request: signedBody('shopify', '{}', { 'x-shopify-topic': `made/${name}` }) }),
  (name) => ({
    to: 'custom',
    request: signedBody('custom', JSON.stringify({ type: `made.${name}`, id: 1 })),
  }),
  (name) => ({
    to: 'custom',
    request: signedBody('custom', JSON.stringify({ type: 'parcel.sent', id: name })),
  }),
  (name) => ({ to: `made-up-${name}`, request: signedBody('shopify', '{}') }),
  (name) => ({
    to: 'linear',
    request: signedBody('linear', JSON.stringify({ type: name, action: name, webhookTimestamp: Date.now() })),
  }),
];

/** Counts Sluice's series of ingest and worker. */
async function series({ pipeline }: Target): Promise<{ ingest: number; worker: number }> {
  const count = async (url: unknown) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return text.split('\n').filter((line) => line.startsWith('sluice_')).length;
  };
  return { ingest: await count(pipeline.ingest.ready.metricsUrl), worker: await count(pipeline.worker.url) };
}

/** Sends webhooks with made-up names, and waits until accepted deliveries are processed. */
async function send(target: Target, from: number, to: number): Promise<void> {
  let next = from;
  const accepted: string[] = [];
  const work = async () => {
    for (let index = next++; index < to; index = next++) {
      const made = MADE_UP[index % MADE_UP.length]?.(`x${index}`);
      if (!made) continue;
      const answer: WebhookResponse = await post(target, made.to, made.request);
      accepted.push(...answer.deliveries);
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));
  const dealtWith = new Set(target.pipeline.worker.lines.seen.map(({ delivery }) => delivery));
  for (const delivery of accepted) if (!dealtWith.has(delivery)) await finalLogLine(target, delivery);
}

export const metrics: readonly Row[] = [
  {
    row: 19,
    input: 'made-up topics, ids and connections',
    expected: '0 more series in ingest, 0 in the worker',
    run: async (target) => {
      const count = target.scale.madeUpNames;
      await send(target, 0, MADE_UP.length);
      const before = await series(target);
      await send(target, MADE_UP.length, MADE_UP.length + count);
      const after = await series(target);
      return {
        got: `${after.ingest - before.ingest} more series in ingest, ${after.worker - before.worker} in the worker`,
        detail: `${count} names, ${after.ingest} and ${after.worker} series`,
      };
    },
  },
];
