import { runSluice, sendLikeAPlatform } from '@sluice/testing';
import { invalidOrder, order, paced, type TestWebhook } from '../faults/webhooks.ts';
import type { Stage } from './stage.ts';

/** Webhooks per second. `TURNS` has their distribution. */
const PER_SECOND = 30;

/** Order of the senders, repeated: a healthy connection, one above its bot's limit, and failing ones. */
const TURNS: readonly ((previous: TestWebhook) => TestWebhook)[] = [
  ...Array.from({ length: 5 }, () => () => order('acme')),
  ...Array.from({ length: 5 }, () => () => order('slow')),
  () => order('revoked'),
  () => order('refused'),
  () => invalidOrder('acme'),
  // A duplicate, and a disabled topic.
  (previous) => previous,
  () => withHeaders(order('acme'), { 'x-shopify-topic': 'carts/update' }),
];

function withHeaders(webhook: TestWebhook, headers: Readonly<Record<string, string>>): TestWebhook {
  return { ...webhook, headers: { ...webhook.headers, ...headers } };
}

function* webhooks(count: number): Generator<TestWebhook> {
  let previous = order('acme');
  for (let index = 0; index < count; index++) {
    const webhook = (TURNS[index % TURNS.length] as (typeof TURNS)[number])(previous);
    yield webhook;
    if (webhook.connection === 'acme') previous = webhook;
  }
}

/**
 * Sends traffic with all kinds of failures: a bot above its limit, a revoked token, events that Botpress rejects, 429,
 * 503, lost responses, unknown senders, duplicates. Then runs a replay that succeeds and one that pauses itself.
 */
export async function sendTraffic({ pipeline, console }: Stage, seconds: number): Promise<void> {
  const { sandbox } = pipeline;
  await sandbox.setBot('revoked-bot', { state: 'revoked' });
  const refusal = { kind: 'error', error: 'InvalidPayload', message: 'no such event' };
  const refused = await sandbox.addFault({ ...refusal, match: { botId: 'refused-bot' } });
  const toAcme = { match: { botId: 'acme-bot' } };
  await sandbox.addFault({ kind: 'reset', when: 'after', times: 5, ...toAcme });
  await sandbox.addFault({ kind: 'status', status: 503, probability: 0.15, seed: 1, ...toAcme });
  await sandbox.addFault({ kind: 'rate-limited', probability: 0.02, seed: 2, match: { botId: 'slow-bot' } });

  const stream = paced(webhooks(seconds * PER_SECOND), PER_SECOND);
  const url = ({ connection }: TestWebhook) => pipeline.webhookUrl(connection);
  const sending = sendLikeAPlatform(stream, { url, concurrency: 8 });
  const strangers = sendBadRequests(pipeline.webhookUrl('acme'), seconds);
  const asking = requestConsole(console.url, seconds);
  await sending;
  await fetch(`${sandbox.url}/sandbox/faults/${refused.id}`, { method: 'DELETE' });
  const replay = async (reason: string) => {
    const args = ['replay', 'run', '--reason', reason, '--yes', '--note', 'fixed'];
    await (await runSluice(args, pipeline.env)).ended;
  };
  await Promise.all([strangers, asking, replay('rejected'), replay('invalid_input')]);
}

/** Sends one request a second with a wrong signature, and one that is not JSON. */
async function sendBadRequests(url: string, seconds: number): Promise<void> {
  const count = Array.from({ length: seconds }, (_, index) => index);
  for await (const index of paced(count, 1)) {
    const type = index % 2 === 0 ? 'application/json' : 'text/xml';
    await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': type } });
  }
}

async function requestConsole(url: string, seconds: number): Promise<void> {
  for await (const _ of paced(Array.from({ length: seconds }), 1))
    await fetch(`${url}/api/dead-letters/groups`);
}
